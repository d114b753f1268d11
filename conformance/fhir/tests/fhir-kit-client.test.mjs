// `fhir-kit-client`, for Node: plain documents, bundles and their pages.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Client } from 'fhir-kit-client';

const baseUrl = process.env.BIANQUE_FHIR;
const client = new Client({ baseUrl, bearerToken: process.env.BIANQUE_TOKEN });

/** A patient that no server has seen. */
function person() {
  const mark = randomBytes(6).toString('hex');
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'https://conformance.example/identifiers', value: mark }],
    name: [{ family: `Conform${mark}`, given: ['Ada'] }],
    gender: 'female',
    birthDate: '1985-12-10',
  };
}

const create = (body, options) => client.create({ resourceType: body.resourceType, body, options });
const search = (resourceType, searchParams) => client.search({ resourceType, searchParams });
const ids = (bundle) => (bundle.entry ?? []).map((entry) => entry.resource.id);

async function refused(call, status) {
  const error = await assert.rejects(call).then(() => call.catch((reason) => reason));
  assert.equal(error.response.status, status);
  assert.equal(error.response.data.resourceType, 'OperationOutcome');
  return error.response.data.issue[0];
}

test('the capability statement is one', async () => {
  const statement = await client.capabilityStatement();
  assert.equal(statement.fhirVersion, '4.0.1');
});

test('what is created is read, by id and by version', async () => {
  const made = await create(person());
  const { response } = Client.httpFor(made);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('location'), `${baseUrl}/Patient/${made.id}/_history/1`);
  assert.deepEqual(await client.read({ resourceType: 'Patient', id: made.id }), made);
  assert.deepEqual(await client.vread({ resourceType: 'Patient', id: made.id, version: '1' }), made);
  assert.deepEqual(await client.resolve({ reference: `Patient/${made.id}` }), made);
});

test('an update is the next version, and both are in the history', async () => {
  const made = await create(person());
  const body = { ...made, gender: 'other' };
  const updated = await client.update({ resourceType: 'Patient', id: made.id, body });
  assert.equal(updated.meta.versionId, '2');
  const history = await client.history({ resourceType: 'Patient', id: made.id });
  assert.deepEqual(history.entry.map((entry) => entry.resource.gender), ['other', 'female']);
});

test('an update of a version that is over is refused', async () => {
  const made = await create(person());
  const update = (version) =>
    client.update({ resourceType: 'Patient', id: made.id, body: made, options: { headers: { 'if-match': version } } });
  await update('W/"1"');
  await refused(update('W/"1"'), 412);
});

test('a conditional create makes one', async () => {
  const body = person();
  const [{ system, value }] = body.identifier;
  const headers = { 'if-none-exist': `identifier=${system}|${value}` };
  const first = await create(body, { headers });
  const second = await create(body, { headers });
  assert.equal(first.id, second.id);
  assert.equal(Client.httpFor(second).response.status, 200);
});

test('search by token, string and date', async () => {
  const body = person();
  const { id } = await create(body);
  const [{ system, value }] = body.identifier;
  const [{ family }] = body.name;
  for (const params of [
    { identifier: `${system}|${value}` },
    { family: family.toUpperCase(), gender: 'female,male' },
    { name: family.slice(0, 15), birthdate: ['ge1985-12-01', 'lt1986'] },
  ]) {
    assert.deepEqual(ids(await search('Patient', params)), [id], JSON.stringify(params));
  }
  assert.deepEqual(ids(await search('Patient', { family, birthdate: 'lt1985-12-10' })), []);
});

test('search by reference', async () => {
  const patient = await create(person());
  const condition = await create({
    resourceType: 'Condition',
    subject: { reference: `Patient/${patient.id}` },
    code: { text: 'Cough' },
  });
  for (const subject of [patient.id, `Patient/${patient.id}`, `${baseUrl}/Patient/${patient.id}`]) {
    assert.deepEqual(ids(await search('Condition', { subject })), [condition.id], subject);
  }
});

test('every page is walked, and nothing comes twice', async () => {
  const seen = [];
  let pages = 0;
  for (let page = await search('Patient', { _count: 7 }); page; page = await client.nextPage({ bundle: page })) {
    pages += 1;
    assert.ok(ids(page).length <= 7);
    seen.push(...ids(page));
  }
  assert.ok(pages > 3 && seen.length >= 30);
  assert.equal(new Set(seen).size, seen.length);
});

test('an unknown field is refused', async () => {
  const issue = await refused(create({ ...person(), colour: 'red' }), 422);
  assert.match(JSON.stringify(issue), /colour/);
});

test('an unknown parameter is refused', async () => {
  const issue = await refused(search('Patient', { colour: 'red' }), 400);
  assert.equal(issue.code, 'not-supported');
});

test('a bad date is refused', async () => {
  await refused(create({ ...person(), birthDate: '1985-02-30' }), 422);
  await refused(search('Patient', { birthdate: 'soon' }), 400);
});

test('what is not there is not found, and what is deleted is gone', async () => {
  await refused(client.read({ resourceType: 'Patient', id: 'nobody' }), 404);
  const { id } = await create(person());
  await client.delete({ resourceType: 'Patient', id });
  await refused(client.read({ resourceType: 'Patient', id }), 410);
});
