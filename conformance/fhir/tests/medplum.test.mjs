// `@medplum/core`, the client of the Medplum server, here at another's: typed resources, a cache, errors as outcomes.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { MedplumClient, OperationOutcomeError, normalizeErrorString } from '@medplum/core';

const base = process.env.BIANQUE_FHIR;
const client = new MedplumClient({
  baseUrl: base.replace(/fhir$/, ''),
  fhirUrlPath: 'fhir',
  accessToken: process.env.BIANQUE_TOKEN,
  fetch,
  // Every read asks the server.
  cacheTime: 0,
  autoBatchTime: 0,
});

const mark = () => randomBytes(6).toString('hex');

/** A patient that no server has seen. */
function person(family = `Conform${mark()}`) {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'https://conformance.example/identifiers', value: mark() }],
    name: [{ family, given: ['Ada'] }],
    gender: 'female',
    birthDate: '1985-12-10',
  };
}

/** The outcome that a call is refused with. */
async function refused(call) {
  const error = await call.then(
    () => assert.fail('it was not refused'),
    (reason) => reason,
  );
  assert.ok(error instanceof OperationOutcomeError, String(error));
  assert.equal(error.outcome.resourceType, 'OperationOutcome');
  return error.outcome.issue[0];
}

test('what is created is read, by id, by version and by reference', async () => {
  const made = await client.createResource(person());
  assert.equal(made.meta.versionId, '1');
  assert.deepEqual(await client.readResource('Patient', made.id), made);
  assert.deepEqual(await client.readVersion('Patient', made.id, '1'), made);
  assert.deepEqual(await client.readReference({ reference: `Patient/${made.id}` }), made);
});

test('an update is the next version, and both are in the history', async () => {
  const made = await client.createResource(person());
  const updated = await client.updateResource({ ...made, gender: 'other' });
  assert.equal(updated.meta.versionId, '2');
  const history = await client.readHistory('Patient', made.id);
  assert.deepEqual(
    history.entry.map((entry) => [entry.resource.meta.versionId, entry.resource.gender]),
    [
      ['2', 'other'],
      ['1', 'female'],
    ],
  );
});

test('an update of a version that is over is refused, and says so', async () => {
  const made = await client.createResource(person());
  const update = (version) => client.updateResource({ ...made, gender: 'other' }, { headers: { 'If-Match': version } });
  await update('W/"1"');
  assert.equal((await refused(update('W/"1"'))).severity, 'error');
  assert.equal((await client.readResource('Patient', made.id)).meta.versionId, '2');
});

test('a create under a condition makes one, and so does an upsert', async () => {
  const body = person();
  const [{ system, value }] = body.identifier;
  const query = `identifier=${system}|${value}`;
  const first = await client.createResourceIfNoneExist(body, query);
  assert.equal((await client.createResourceIfNoneExist(body, query)).id, first.id);
  const changed = await client.upsertResource({ ...body, gender: 'other' }, query);
  assert.deepEqual([changed.id, changed.gender], [first.id, 'other']);
});

test('search by token, string and date', async () => {
  const body = person();
  const { id } = await client.createResource(body);
  const [{ system, value }] = body.identifier;
  const [{ family }] = body.name;
  for (const query of [
    `identifier=${system}|${value}`,
    { family: family.toUpperCase(), gender: 'female,male' },
    [
      ['family', family],
      ['birthdate', 'ge1985-12-01'],
      ['birthdate', 'lt1986'],
    ],
  ]) {
    const found = await client.searchResources('Patient', query);
    assert.deepEqual(found.map((patient) => patient.id), [id], JSON.stringify(query));
  }
  assert.equal((await client.searchOne('Patient', { family })).id, id);
  assert.equal(await client.searchOne('Patient', { family, birthdate: 'lt1985-12-10' }), undefined);
});

test('every page is walked, and nothing comes twice', async () => {
  const family = `Paged${mark()}`;
  for (let at = 0; at < 10; at += 1) await client.createResource(person(family));
  const sizes = [];
  const seen = new Set();
  for await (const page of client.searchResourcePages('Patient', { family, _count: 4, _total: 'accurate' })) {
    sizes.push(page.length);
    assert.equal(page.bundle.total, 10);
    page.forEach((patient) => seen.add(patient.id));
  }
  assert.deepEqual(sizes, [4, 4, 2]);
  assert.equal(seen.size, 10);
});

test('a batch answers each of its entries by itself', async () => {
  const { id } = await client.createResource(person());
  const answers = await client.executeBatch({
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      { request: { method: 'GET', url: `Patient/${id}` } },
      { request: { method: 'POST', url: 'Patient' }, resource: person() },
      { request: { method: 'GET', url: 'Patient/nobody' } },
    ],
  });
  assert.equal(answers.type, 'batch-response');
  assert.deepEqual(answers.entry.map((entry) => entry.response.status.slice(0, 3)), ['200', '201', '404']);
  assert.equal(answers.entry[0].resource.id, id);
  assert.equal(answers.entry[2].response.outcome.resourceType, 'OperationOutcome');
});

test('reads that are asked at once go as one batch', async () => {
  const made = [await client.createResource(person()), await client.createResource(person())];
  const requests = [];
  const batching = new MedplumClient({
    baseUrl: base.replace(/fhir$/, ''),
    fhirUrlPath: 'fhir',
    accessToken: process.env.BIANQUE_TOKEN,
    cacheTime: 0,
    autoBatchTime: 50,
    fetch: (url, options) => {
      requests.push(`${options.method} ${url}`);
      return fetch(url, options);
    },
  });
  const read = await Promise.all(made.map(({ id }) => batching.readResource('Patient', id)));
  assert.deepEqual(read, made);
  assert.deepEqual(requests, [`POST ${base}`]);
});

test('a transaction is whole: what refers to a new patient comes with it', async () => {
  const answers = await client.executeBatch({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: 'urn:uuid:0190a000-0000-7000-8000-00000000a0a0', request: { method: 'POST', url: 'Patient' }, resource: person() },
      {
        request: { method: 'POST', url: 'Condition' },
        resource: {
          resourceType: 'Condition',
          subject: { reference: 'urn:uuid:0190a000-0000-7000-8000-00000000a0a0' },
          code: { text: 'Cough' },
        },
      },
    ],
  });
  const [patient, condition] = answers.entry.map((entry) => entry.response.location.split('/').slice(-4, -2).join('/'));
  const read = await client.readReference({ reference: condition });
  assert.equal(read.subject.reference, patient);
});

test('a patch changes what it names, and one that does not fit changes nothing', async () => {
  const made = await client.createResource(person());
  const patched = await client.patchResource('Patient', made.id, [
    { op: 'test', path: '/gender', value: 'female' },
    { op: 'replace', path: '/gender', value: 'other' },
  ]);
  assert.deepEqual([patched.gender, patched.meta.versionId], ['other', '2']);
  await refused(client.patchResource('Patient', made.id, [{ op: 'test', path: '/gender', value: 'female' }]));
  assert.equal((await client.readResource('Patient', made.id)).meta.versionId, '2');
});

test('$everything brings what belongs to the patient, and nothing of another', async () => {
  const [one, other] = [await client.createResource(person()), await client.createResource(person())];
  const condition = (patient) =>
    client.createResource({
      resourceType: 'Condition',
      subject: { reference: `Patient/${patient.id}` },
      code: { text: 'Cough' },
    });
  const [own, foreign] = [await condition(one), await condition(other)];
  const everything = await client.readPatientEverything(one.id);
  const found = everything.entry.map((entry) => entry.resource.id);
  assert.ok(found.includes(one.id) && found.includes(own.id));
  assert.ok(!found.includes(other.id) && !found.includes(foreign.id));
});

test('what is wrong with a resource is told with its place', async () => {
  const issue = await refused(client.createResource({ ...person(), birthDate: '1985-02-30' }));
  assert.deepEqual([issue.severity, issue.expression], ['error', ['Patient.birthDate']]);
  const made = await client.createResource(person());
  assert.match((await refused(client.updateResource({ ...made, colour: 'red' }))).expression[0], /colour/);
  assert.equal((await client.readResource('Patient', made.id)).meta.versionId, '1');
  const outcome = await client.validateResource({ ...person(), gender: 'unheard of' });
  assert.match(normalizeErrorString(outcome), /gender|unheard of/);
});

test('what is not there is not found, and what is deleted is gone', async () => {
  assert.equal((await refused(client.readResource('Patient', 'nobody'))).code, 'not-found');
  const { id } = await client.createResource(person());
  await client.deleteResource('Patient', id);
  await refused(client.readResource('Patient', id));
});

test('a token that nobody gave out opens nothing', async () => {
  const stranger = new MedplumClient({ baseUrl: base.replace(/fhir$/, ''), fhirUrlPath: 'fhir', accessToken: 'no-such-token', fetch });
  await assert.rejects(async () => stranger.readResource('Patient', 'nobody'), /Unauthorized|Unauthenticated|token/i);
});
