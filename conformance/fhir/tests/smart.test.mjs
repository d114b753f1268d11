// SMART's `fhirclient` for browsers, in Chromium: an application on a site of its own, and a clinician who lets it in.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const base = process.env.BIANQUE_FHIR;
const site = base.replace(/\/fhir$/, '');
const library = fs.readFileSync(new URL('../node_modules/fhirclient/build/fhir-client.js', import.meta.url));
const SCOPES = 'launch launch/patient patient/*.rs openid fhirUser offline_access';

/** What the pages of the application are, by path. */
const PAGES = {
  '/launch': `<script src="/library.js"></script><script>
    FHIR.oauth2.authorize({ redirectUri: '/app', ...window.settings }).catch((error) => { document.title = error.message; });
  </script>`,
  '/app': `<title>waits</title><body></body><script src="/library.js"></script><script>
    FHIR.oauth2.ready().then(async (client) => {
      window.client = client;
      const patient = await client.patient.read();
      document.body.textContent = JSON.stringify({ patient, user: client.user.fhirUser });
      document.title = 'ready';
    }).catch((error) => { document.body.textContent = error.message; document.title = 'failed'; });
  </script>`,
};

let browser;
let app;
let origin;
let launched = {};
let administrator;

/** A session at the application's own API. */
async function signIn(context, role) {
  const { people } = await (await context.request.get(`${site}/api/demo/people`)).json();
  const { key } = people.find((person) => person.role === role);
  const { session } = await (await context.request.post(`${site}/api/demo/sign-in`, { data: { key } })).json();
  return async (path, data) => {
    const answer = await context.request.post(`${site}${path}`, { data, headers: { 'x-csrf-token': session.csrf } });
    assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
}

before(async () => {
  app = http.createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://app');
    if (pathname === '/library.js') return response.setHeader('content-type', 'text/javascript').end(library);
    const page = PAGES[pathname];
    if (!page) return response.writeHead(404).end();
    const settings = `<!doctype html><meta charset="utf-8"><script>window.settings = ${JSON.stringify(launched)};</script>`;
    return response.setHeader('content-type', 'text/html').end(settings + page);
  });
  await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${app.address().port}`;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  administrator = await signIn(await browser.newContext(), 'administrator');
});

after(async () => {
  await browser?.close();
  app?.close();
});

/** Registers the application that runs here. */
async function register(more) {
  const making = { name: 'Growth chart', redirect_uris: [`${origin}/app`], scopes: SCOPES, ...more };
  return (await administrator('/api/admin/applications', making)).application.id;
}

/** A clinician's browser, with a patient of theirs. */
async function atDesk() {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  const ask = await signIn(context, 'clinician');
  const name = `Ada Smart${Math.random().toString(36).slice(2, 8)}`;
  const taken = { name, birth_date: '1985-12-10', sex: 'female', language: 'en' };
  const { patient } = await ask('/api/patients', taken);
  return { context, page: await context.newPage(), ask, patient, name };
}

/** What the application has in the end. */
async function arrived(page) {
  await page.waitForFunction(() => ['ready', 'failed'].includes(document.title), undefined, { timeout: 30_000 });
  const text = await page.textContent('body');
  assert.equal(await page.title(), 'ready', text);
  return JSON.parse(text);
}

async function choosesAndAllows(page, name) {
  await page.getByRole('heading', { name: 'Growth chart asks for access' }).waitFor();
  await page.getByRole('searchbox').fill(name);
  await page.getByText(name).first().click();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
}

test('a standalone launch: choose the patient, allow, read, refresh', async () => {
  const clientId = await register({ kind: 'public' });
  const { page, patient, name } = await atDesk();
  launched = { clientId, iss: base, scope: 'launch/patient patient/*.rs openid fhirUser offline_access' };
  await page.goto(`${origin}/launch`);
  await choosesAndAllows(page, name);
  const { patient: read, user } = await arrived(page);
  assert.equal(read.id, patient.id);
  assert.match(user, /^Practitioner\//);
  const worked = await page.evaluate(async () => {
    const before = window.client.state.tokenResponse.access_token;
    const found = await window.client.request('Observation');
    await window.client.refresh();
    const again = await window.client.patient.read();
    const others = await window.client.request('Patient');
    return {
      renewed: before !== window.client.state.tokenResponse.access_token,
      found: found.resourceType,
      again: again.id,
      others: others.entry.map(({ resource }) => resource.id),
    };
  });
  assert.deepEqual(worked, { renewed: true, found: 'Bundle', again: patient.id, others: [patient.id] });
});

test('a standalone launch of somebody who has to sign in first', async () => {
  const clientId = await register({ kind: 'public' });
  const { patient, name } = await atDesk();
  const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  launched = { clientId, iss: base, scope: 'launch/patient patient/*.rs openid fhirUser' };
  await page.goto(`${origin}/launch`);
  await page.waitForURL(/\/sign-in\?next=/);
  const { people } = await (await page.request.get(`${site}/api/demo/people`)).json();
  await page.getByRole('button', { name: people.find(({ role }) => role === 'clinician').name }).click();
  await choosesAndAllows(page, name);
  assert.equal((await arrived(page)).patient.id, patient.id);
});

test('a launch from the chart', async () => {
  const clientId = await register({ kind: 'public', launch_url: `${origin}/launch` });
  const { context, page, patient } = await atDesk();
  launched = { clientId, scope: 'launch patient/*.rs openid fhirUser' };
  await page.goto(`${site}/patients/${patient.id}`);
  await page.getByRole('button', { name: 'Open in…' }).click();
  const opening = context.waitForEvent('page');
  await page.getByRole('menuitem', { name: 'Growth chart' }).last().click();
  const opened = await opening;
  await opened.getByRole('heading', { name: 'Growth chart asks for access' }).waitFor();
  assert.ok(await opened.getByText(patient.name).first().isVisible());
  assert.equal(await opened.evaluate(() => window.opener), null);
  await opened.getByRole('button', { name: 'Allow', exact: true }).click();
  assert.equal((await arrived(opened)).patient.id, patient.id);
});

test('an application that signs with a key of its own', async () => {
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const common = { kid: 'k1', alg: 'ES384' };
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', pair.publicKey);
  const secret = { ...(await webcrypto.subtle.exportKey('jwk', pair.privateKey)), ...common };
  const clientId = await register({ kind: 'confidential-key', keys: { keys: [{ kty, crv, x, y, ...common }] } });
  const { page, patient, name } = await atDesk();
  launched = { clientId, iss: base, scope: 'launch/patient patient/*.rs openid fhirUser', clientPrivateJwk: secret };
  await page.goto(`${origin}/launch`);
  await choosesAndAllows(page, name);
  assert.equal((await arrived(page)).patient.id, patient.id);
});

test('a refusal', async () => {
  const clientId = await register({ kind: 'public' });
  const { page } = await atDesk();
  launched = { clientId, iss: base, scope: 'launch/patient patient/*.rs' };
  await page.goto(`${origin}/launch`);
  await page.getByRole('button', { name: 'Do not allow' }).click();
  await page.waitForFunction(() => document.title === 'failed');
  assert.match(await page.textContent('body'), /did not allow/);
});
