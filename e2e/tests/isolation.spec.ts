import http from 'node:http';
import { expect, request } from '@playwright/test';
import { again, arrive, become, guestWaits, inviteGuest, inviteInto, letIn, someClinician, tokenOf, walkIn, type Booked, type Session } from '../harness/clinic.ts';
import { allOf, beginUpload, createToken, endAndSign, keepPhoto, saveNote, say } from '../harness/filled.ts';
import { eachReceived } from '../harness/frames.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

/** The routes that anybody may ask; every other one is asked below by somebody who has no business there. */
const OPEN = [
  'GET /.well-known/openid-configuration',
  'GET /.well-known/smart-configuration',
  'GET /api/consents/visit',
  'GET /api/demo/people',
  'GET /api/join/{token}',
  'GET /api/openapi.json',
  'GET /api/session',
  'GET /fhir/.well-known/smart-configuration',
  'GET /fhir/metadata',
  'GET /healthz',
  'GET /metrics',
  'GET /oauth2/authorize',
  'GET /oauth2/jwks',
  'GET /readyz',
  'POST /api/demo/sign-in',
  'POST /api/identity-providers/{provider}/logout',
  'POST /api/password',
  'POST /api/session',
  'POST /api/session/passkey',
  'POST /api/session/passkey/challenge',
  'POST /api/session/provider',
  'POST /api/session/provider/finish',
  'POST /api/session/second-step',
  'POST /api/setup',
  'POST /api/visits/{visit}/confirm',
  'POST /oauth2/introspect',
  'POST /oauth2/revoke',
  'POST /oauth2/token',
];

/** What only the first patient's record holds. */
const MARKS = ['Ouyang Marked', '+8613712345678', '1971-07-17', 'marked-reason', 'marked-chat', 'marked-plan', 'marked-home'];

interface Route {
  method: string;
  path: string;
  open: boolean;
}

/** Somebody's credentials, as they would be sent by a browser that does not care for cookie paths. */
interface Stranger {
  who: string;
  headers: Record<string, string>;
  query: string;
}

interface First {
  patient: Session;
  /** Open, with everything that a visit can hold; and over, with its plan. */
  visits: Booked[];
  patientId: string;
  photo: string;
  upload: string;
  invitation: string;
  guest: string;
}

let routes: Route[];
let first: First;
let strangers: Stranger[];
let second: Booked;

test.beforeAll(async () => {
  const treating = await someClinician();
  const clinician = await become(treating);
  first = await fill(clinician);
  const elsewhere = await become(await someClinician(treating.organization));
  second = await walkIn(elsewhere, { name: 'Second Patient', birth_date: '1990-02-03', phone: '13700000031' });
  const phone = await request.newContext();
  const patient = await arrive(phone, second);
  strangers = [
    { who: 'nobody', headers: {}, query: '' },
    { ...(await bySession('a second patient', patient, { 'x-bianque-as': 'visit' })) },
    { ...(await bySession('a second patient, by address', patient, {})), query: 'as=visit' },
    { ...(await bySession('a second patient, not saying so', patient, {})) },
    { ...(await bySession('a guest of the second visit', await guestOf(elsewhere, second), { 'x-bianque-as': 'visit' })) },
    { ...(await bySession('a clinician of another institution', elsewhere, {})) },
  ];
  routes = await everyRoute();
});

test('the open routes are these and no others', () => {
  expect(routes.filter(({ open }) => open).map(nameOf).sort()).toEqual(OPEN);
});

// Otherwise the tests below look for what nobody is ever answered.
test('the first patient is answered all of it', async () => {
  const [open, over] = first.visits;
  const parts = ['', '/chat', '/plan'].map((part) => `/api/visits/${(part === '/plan' ? over : open)!.visitId}${part}`);
  const bodies = await Promise.all(parts.map(async (path) => (await first.patient.send('GET', path)).text()));
  for (const mark of MARKS) expect(bodies.join()).toContain(mark);
});

test('nothing of a first patient is answered to anybody else, on any route', async ({ request: plain }) => {
  test.setTimeout(120_000);
  const answered: string[] = [];
  for (const route of routes.filter(({ open }) => !open)) {
    for (const path of addressesOf(route.path)) {
      for (const stranger of strangers) {
        const answer = await plain.fetch(demo().http + withQuery(path, stranger.query), {
          method: route.method,
          headers: stranger.headers,
          maxRedirects: 0,
          ...(['POST', 'PUT', 'PATCH'].includes(route.method) && { data: {} }),
        });
        const told = `${stranger.who}: ${route.method} ${path}: ${answer.status()}`;
        const body = await answer.text();
        for (const mark of MARKS) expect(body, told).not.toContain(mark);
        const refused = [401, 403, 404].includes(answer.status());
        // A clinician of another institution has work of their own: what names nothing of the first patient is theirs.
        const theirs = stranger.who.startsWith('a clinician') && path === route.path.replace('{type}', typeIn(path));
        if (!refused && !theirs) answered.push(told);
      }
    }
  }
  expect(answered).toEqual([]);
});

test('nothing of the first patient hides below the own visit of the second', async ({ request: plain }) => {
  const own = strangers.filter(({ who }) => who === 'a second patient');
  const below = routes.filter(({ path }) => /\{(photo|upload|invitation|guest|person)\}/.test(path));
  expect(below.length).toBeGreaterThan(3);
  for (const route of below) {
    for (const { headers } of own) {
      const path = filledIn(route.path, second.visitId);
      const answer = await plain.fetch(demo().http + path, {
        method: route.method,
        headers: { ...headers, 'upload-offset': '0' },
      });
      expect([403, 404], `${route.method} ${path}: ${answer.status()}`).toContain(answer.status());
    }
  }
});

test('the open routes tell nothing of the first patient', async ({ request: plain }) => {
  for (const stranger of strangers) {
    for (const { method, path } of routes.filter(({ open }) => open)) {
      const answer = await plain.fetch(demo().http + filledIn(path, first.visits[0]!.visitId), {
        method,
        headers: stranger.headers,
        ...(method === 'POST' && { data: {} }),
      });
      const body = await answer.text();
      for (const mark of MARKS) expect(body, `${stranger.who}: ${method} ${path}`).not.toContain(mark);
    }
  }
});

test('a guest reads nothing of the record of their own visit', async ({ request: plain }) => {
  const { headers } = strangers.find(({ who }) => who.startsWith('a guest'))!;
  const at = `${demo().http}/api/visits/${second.visitId}`;
  for (const part of ['/chart', '/photos', '/note', '/plan', '/plan.pdf', '/chat', '/vitals', '/opinion', '/quality', '/people', '/accesses', '/consent-text']) {
    expect((await plain.get(at + part, { headers })).status(), part).toBe(403);
  }
  for (const path of ['/fhir/Patient', `/fhir/Patient/${second.patientId}`, `/fhir/Encounter/${second.visitId}`, '/api/patients', '/api/visits']) {
    expect([401, 403, 404], path).toContain((await plain.get(`${demo().http}${path}`, { headers })).status());
  }
  const own = await plain.get(at, { headers });
  expect(own.status()).toBe(200);
  for (const mark of ['Second Patient', '1990-02-03', '13700000031']) expect(await own.text()).not.toContain(mark);
});

test("a second visit's link does not open the first", async ({ request: plain }) => {
  const answer = await plain.post(`${demo().http}/api/visits/${first.visits[0]!.visitId}/confirm`, {
    data: { token: tokenOf(second.link), birth_date: second.birthDate },
  });
  expect(answer.status()).toBe(404);
});

test('no resource of the first patient is answered over FHIR, by id or by search', async ({ request: plain }) => {
  test.setTimeout(120_000);
  const token = createToken();
  let seen = 0;
  for (const type of await everyType()) {
    const all = await allOf(plain, token, type);
    const own = all.filter((resource) => JSON.stringify(resource).includes(first.patientId));
    seen += own.length;
    for (const stranger of strangers) {
      for (const path of [
        ...own.map(({ id }) => `/fhir/${type}/${id}`),
        ...own.map(({ id }) => `/fhir/${type}/${id}/_history`),
        ...own.map(({ id }) => `/fhir/${type}/${id}/_history/1`),
      ]) {
        const answer = await plain.get(demo().http + withQuery(path, stranger.query), { headers: stranger.headers });
        expect([401, 403, 404], `${stranger.who}: ${path}: ${answer.status()}`).toContain(answer.status());
      }
      const answer = await plain.get(`${demo().http}/fhir/${type}`, { headers: stranger.headers });
      const body = await answer.text();
      for (const mark of [first.patientId, ...MARKS]) expect(body, `${stranger.who}: ${type}`).not.toContain(mark);
    }
  }
  // Otherwise this has looked at nothing.
  expect(seen).toBeGreaterThan(15);
});

test('no socket opens to a stranger', async () => {
  for (const visit of first.visits) {
    for (const stranger of strangers) {
      const csrf = stranger.headers['x-csrf-token'] ?? '';
      const path = withQuery(`/api/visits/${visit.visitId}/socket?csrf=${csrf}`, stranger.query || 'as=visit');
      expect([401, 403, 404], stranger.who).toContain(await upgrade(path, stranger.headers));
    }
  }
  for (const stranger of strangers.filter(({ who }) => !who.startsWith('a clinician'))) {
    const csrf = stranger.headers['x-csrf-token'] ?? '';
    expect([401, 403], stranger.who).toContain(await upgrade(`/api/queue/socket?csrf=${csrf}`, stranger.headers));
  }
});

test('a socket in the waiting room hears its own visit only', async ({ people }) => {
  const clinician = await become(await someClinician());
  const waiting = await walkIn(clinician, { name: 'Third Patient', birth_date: '1991-03-04', phone: '13700000032' });
  const { page, context } = await people.withPhone('third patient');
  const heard: string[] = [];
  eachReceived(page, (payload) => heard.push(String(payload)));
  await arrive(context.request, waiting);
  await page.goto(`${demo().http}/v/${waiting.visitId}`);
  await expect.poll(() => heard.join()).toContain(waiting.visitId);
  await say(clinician, first.visits[0]!, 'marked-chat once more');
  await say(clinician, waiting, 'for the third');
  await expect.poll(() => heard.join()).toContain('for the third');
  for (const mark of [first.visits[0]!.visitId, ...MARKS]) expect(heard.join()).not.toContain(mark);
});

async function fill(clinician: Session): Promise<First> {
  const patient = { name: MARKS[0]!, birth_date: MARKS[2]!, phone: MARKS[1]! };
  const open = await walkIn(clinician, patient);
  const phone = await request.newContext();
  const session = await arrive(phone, open, {
    reason: 'marked-reason',
    location: { text: 'marked-home', city: 'Suzhou' },
  });
  await letIn(clinician, open);
  await say(session, open, 'marked-chat');
  await saveNote(clinician, open, 'marked-plan');
  await clinician.ask('POST', `/api/visits/${open.visitId}/vitals`, { code: '8867-4', value: 72 });
  const photo = await keepPhoto(session, open);
  const upload = await beginUpload(session, open);
  const { id: invitation } = await inviteInto(clinician, open, 'marked-reason');
  const { id: guest } = await inviteGuest(clinician, open, { role: 'family', name: 'Marked Guest', relationship: 'SPS' });
  const over = await again(clinician, open, 'marked-reason');
  await arrive(phone, over);
  await endAndSign(clinician, over, 'marked-plan');
  return { patient: session, visits: [open, over], patientId: open.patientId, photo, upload, invitation, guest };
}

/** A guest who is in a visit. */
async function guestOf(clinician: Session, visit: Booked): Promise<Session> {
  const { id, url } = await inviteGuest(clinician, visit, { role: 'interpreter', name: 'Second Guest', languages: ['en', 'zh'] });
  const guest = await guestWaits(await request.newContext(), visit, url, 'Second Guest');
  await clinician.ask('POST', `/api/visits/${visit.visitId}/guests/${id}/admit`);
  return guest;
}

async function bySession(who: string, session: Session, more: Record<string, string>): Promise<Stranger> {
  const { cookies } = await session.request.storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  expect(cookie, who).not.toBe('');
  return { who, headers: { cookie, 'x-csrf-token': session.csrf, ...more }, query: '' };
}

async function everyRoute(): Promise<Route[]> {
  const answer = await fetch(`${demo().http}/api/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { security: unknown[] }>> };
  const all = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path,
      open: security.length === 0,
    })),
  );
  expect(all.length).toBeGreaterThan(70);
  return all;
}

async function everyType(): Promise<string[]> {
  const answer = await fetch(`${demo().http}/fhir/metadata`);
  const { rest } = (await answer.json()) as { rest: { resource: { type: string }[] }[] };
  return rest.flatMap(({ resource }) => resource.map(({ type }) => type));
}

/** A route with what belongs to the first patient in every place; for both of their visits. */
function addressesOf(path: string): string[] {
  if (path.includes('{type}')) return ['Patient', 'Encounter'].map((type) => filledIn(path.replace('{type}', type)));
  if (!path.includes('{visit}')) return [filledIn(path)];
  return first.visits.map(({ visitId }) => filledIn(path, visitId));
}

function filledIn(path: string, visitId = first.visits[0]!.visitId): string {
  const isEncounter = path.startsWith('/fhir/Encounter');
  const values: Record<string, string> = {
    visit: visitId,
    patient: first.patientId,
    photo: first.photo,
    upload: first.upload,
    invitation: first.invitation,
    guest: first.guest,
    person: 'patient',
    token: tokenOf(first.visits[0]!.link),
    id: isEncounter ? first.visits[0]!.visitId : first.patientId,
    version: '1',
  };
  return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? first.patientId);
}

function typeIn(path: string): string {
  return /^\/fhir\/(\w+)/.exec(path)?.[1] ?? '';
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

function withQuery(path: string, query: string): string {
  if (!query) return path;
  return path + (path.includes('?') ? '&' : '?') + query;
}

/** Asks for a socket; the status of the answer, 101 when it opened. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  const asked = {
    ...headers,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return new Promise((resolve, reject) => {
    const sent = http.get(demo().http + path, { headers: asked }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    sent.on('error', reject);
  });
}
