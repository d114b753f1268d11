import { expect, request, type Page, type Route } from '@playwright/test';
import {
  arrive,
  become,
  demoPeople,
  guestWaits,
  inviteGuest,
  letIn,
  someClinician,
  tokenOf,
  walkIn,
  type Booked,
  type Session,
} from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { look, open } from '../harness/screens.ts';

// There are many of them, and two files run at a time.
test.describe.configure({ timeout: 480_000 });

/** How the server answers the requests of a page that is looked at. */
const REPLIES: Record<string, (route: Route) => Promise<void>> = {
  error: (route) => fail(route, 500, 'internal'),
  busy: (route) => fail(route, 503, 'store.busy'),
  denied: (route) => fail(route, 403, 'forbidden'),
  missing: (route) => fail(route, 404, 'not-found'),
  offline: (route) => route.abort('internetdisconnected'),
  // Never answered while it is looked at.
  loading: () => Promise.resolve(),
};

interface Case {
  page: string;
  at: string;
  /** The request that it lives from. */
  asks: string;
  states: (keyof typeof REPLIES)[];
  /** What is answered when there is nothing yet. */
  empty?: object;
}

let clinician: Session;
let visit: Booked;

test.beforeAll(async () => {
  clinician = await become(await someClinician());
  visit = await walkIn(clinician, { name: 'Shen Kong', birth_date: '1966-01-02', phone: '13700000071' });
});

test('the clinician: errors, nothing there, no leave, no network, still loading', async ({ people }) => {
  const { page, context } = await people.atDesk('clinician');
  await become(await someClinician(), context);
  // The day comes over a socket as well, which would answer what the request is refused.
  await page.routeWebSocket('**/api/queue/socket*', () => undefined);
  const all = ['error', 'denied', 'offline', 'loading'] as const;
  await lookAtStates(page, 'clinician', [
    { page: 'day', at: '/work', asks: '**/api/visits?*', states: [...all], empty: { visits: [] } },
    { page: 'visit', at: `/work/visits/${visit.visitId}`, asks: `**/api/visits/${visit.visitId}`, states: ['missing', ...all] },
    { page: 'chart', at: `/work/visits/${visit.visitId}`, asks: '**/api/patients/*/chart', states: ['busy', 'loading'] },
    { page: 'patient', at: `/patients/${visit.patientId}`, asks: '**/api/patients/*/chart', states: ['missing', 'error', 'offline', 'loading'] },
    { page: 'quality', at: '/quality', asks: '**/api/quality/visits?*', states: [...all], empty: NO_QUALITY },
  ]);
});

test('the administrator: errors, nothing there, no leave, no network, still loading', async ({ people }) => {
  const { page, context } = await people.atDesk('administrator');
  await become((await demoPeople()).find(({ role }) => role === 'administrator')!, context);
  const lists = ['users', 'organizations', 'schedules', 'prices', 'emergencies'];
  await lookAtStates(
    page,
    'administrator',
    lists.map((name, index) => ({
      page: name,
      at: `/admin/${name}`,
      asks: `**/api/admin/${name}`,
      states: index === 0 ? ['error', 'denied', 'offline', 'loading'] : ['error'],
      empty: { [name]: [] },
    })),
  );
  await lookAtStates(page, 'administrator', [
    {
      page: 'health',
      at: '/admin/health',
      asks: '**/api/admin/health',
      states: ['error', 'offline', 'loading'],
      empty: { at: NOW, version: '0.1.0', started_at: NOW, state: 'bad', parts: [NO_BACKUP], history: [] },
    },
    { page: 'audit', at: '/admin/audit', asks: '**/api/admin/audit', states: ['error', 'offline', 'loading'], empty: { rows: [], next: null } },
    { page: 'audit-standing', at: '/admin/audit', asks: '**/api/admin/audit/state', states: ['error', 'loading'], empty: UNCHECKED },
    { page: 'retention', at: '/admin/retention', asks: '**/api/admin/retention', states: ['error', 'offline', 'loading'] },
    { page: 'holds', at: '/admin/retention', asks: '**/api/admin/holds', states: ['error', 'loading'], empty: { holds: [] } },
    { page: 'keys', at: '/admin/keys', asks: '**/api/admin/keys', states: ['error', 'offline', 'loading'], empty: ROTATING },
    { page: 'messages', at: '/admin/messages', asks: '**/api/admin/messages', states: ['error', 'offline', 'loading'], empty: { messages: [], next: null, failed: 0 } },
    { page: 'messages-flow', at: '/admin/messages', asks: '**/api/admin/messages/flow', states: ['error', 'loading'], empty: { bucket_s: 300, buckets: [], strangers: [], failed: 0 } },
    { page: 'message', at: '/admin/messages/01900000-0000-7000-8000-000000000000', asks: '**/api/admin/messages/01*', states: ['missing', 'offline', 'loading'] },
    { page: 'senders', at: '/admin/messages/senders', asks: '**/api/admin/senders', states: ['error', 'offline', 'loading'], empty: { senders: [] } },
    { page: 'peers', at: '/admin/peers', asks: '**/api/admin/peers', states: ['error', 'offline', 'loading'], empty: { ae_title: 'BIANQUE', peers: [] } },
    { page: 'consents', at: '/admin/consents', asks: '**/api/admin/consents', states: ['error', 'offline', 'loading'], empty: { texts: [], drafts: [] } },
    // On the other pages a banner tells of it.
    { page: 'health-banner', at: '/admin/users', asks: '**/api/admin/health/summary', states: ['error'], empty: { state: 'bad', bad: ['backup', 'disk'] } },
  ]);
});

test('the front desk: errors, nothing there, no network, still loading', async ({ people }) => {
  const { page, context } = await people.atDesk('front desk');
  await become((await demoPeople()).find(({ role }) => role === 'front-desk')!, context);
  await lookAtStates(page, 'front-desk', [
    {
      page: 'identity',
      at: '/identity',
      asks: '**/api/patients/pairs*',
      states: ['error', 'denied', 'offline', 'loading'],
      empty: { pairs: [], refused: [], next: null },
    },
  ]);
});

test('the patient: errors, no leave, no network, still loading', async ({ people }) => {
  const { page, context } = await people.withPhone('patient');
  const link = `/j/${tokenOf(visit.link)}`;
  await lookAtStates(page, 'patient', [
    { page: 'link', at: link, asks: '**/api/join/*', states: ['busy', 'offline', 'loading'] },
  ]);
  await lookAtDeadLinks(page, 'patient', link);
  await arrive(context.request, visit);
  const at = `/v/${visit.visitId}`;
  await lookAtStates(page, 'patient', [
    { page: 'visit', at, asks: '**/api/visits/*/me*', states: ['error', 'missing', 'offline', 'loading'] },
    {
      page: 'accesses',
      at: `${at}/accesses`,
      asks: '**/api/visits/*/accesses*',
      states: ['error', 'loading'],
      empty: { accesses: [], next: null },
    },
  ]);
  await test.step('the network goes while waiting', async () => {
    await open(page, at, 'en');
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    // Words that come by themselves are there: without the network they would not come.
    await expect(page.getByRole('button', { name: 'Invite somebody of my own' })).toBeVisible();
    await context.setOffline(true);
    await expect(page.getByText('You are offline. We keep trying to connect.')).toBeVisible();
    await expect(page.getByText('Connected', { exact: true })).toHaveCount(0);
    await lookAtItAsItIs(page, 'patient-waiting-offline', 'en');
    await context.setOffline(false);
    await expect(page.getByText('You are offline')).toHaveCount(0);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
  });
});

test('a guest: dead links, a locked room, errors, no network, still loading, not let in and put out', async ({ people }) => {
  test.setTimeout(240_000);
  const { page, context } = await people.withPhone('guest');
  const own = await walkIn(clinician, { name: 'Shen Men', birth_date: '1966-01-02', phone: '13700000078' });
  await arrive(await request.newContext(), own);
  const guests = `/api/visits/${own.visitId}/guests`;
  const { id, url } = await inviteGuest(clinician, own, { role: 'family', name: 'Shen Er', relationship: 'FAMMEMB' });
  const link = new URL(url).pathname;
  const at = `/v/${own.visitId}/guest`;
  const lock = (word: 'lock' | 'unlock') => clinician.ask('POST', `/api/visits/${own.visitId}/${word}`);
  await lookAtStates(page, 'guest', [{ page: 'link', at: link, asks: '**/api/join/*', states: ['busy', 'offline', 'loading'] }]);
  await lookAtDeadLinks(page, 'guest', link);
  await test.step('the room is locked before they have confirmed', async () => {
    await lock('lock');
    await lookAtState(page, 'guest-link-locked', link);
    await expect(page.locator('.banner[data-tone=warn]')).toBeVisible();
    await lock('unlock');
  });
  await guestWaits(context.request, own, url, 'Shen Er');
  await lookAtStates(page, 'guest', [{ page: 'lobby', at, asks: '**/api/visits/*/me*', states: ['error', 'missing', 'offline', 'loading'] }]);
  await test.step('the network goes, and the room is locked, while they wait', async () => {
    await open(page, at, 'en');
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await context.setOffline(true);
    await expect(page.getByText('Connected', { exact: true })).toHaveCount(0);
    await lookAtItAsItIs(page, 'guest-lobby-offline', 'en');
    await context.setOffline(false);
    await expect(page.getByText('Connected', { exact: true })).toBeVisible();
    await lock('lock');
    await expect(page.getByText('The visit is locked for others. You keep your place.')).toBeVisible();
    await lookAtItAsItIs(page, 'guest-lobby-locked', 'en');
    await lock('unlock');
  });
  await test.step('they are in, and put out', async () => {
    await letIn(clinician, own);
    await clinician.ask('POST', `${guests}/${id}/admit`);
    await expect(page.locator('section.call')).toBeVisible();
    await clinician.ask('POST', `${guests}/${id}/remove`);
    await expect(page.getByRole('heading', { name: 'You are no longer in this visit' })).toBeVisible();
    await lookAtItAsItIs(page, 'guest-removed', 'en');
  });
  await test.step('another is not let in', async () => {
    const uncle = await people.withPhone('uncle', 'zh-CN');
    const invited = await inviteGuest(clinician, own, { role: 'family', name: 'Shen San', relationship: 'FAMMEMB' });
    await guestWaits(uncle.context.request, own, invited.url, 'Shen San');
    await open(uncle.page, at, 'zh-CN');
    await expect(uncle.page.locator('.waiting-card')).toBeVisible();
    await clinician.ask('POST', `${guests}/${invited.id}/turn-away`);
    await expect(uncle.page.locator('.waiting-card')).toHaveCount(0);
    await lookAtItAsItIs(uncle.page, 'guest-turned-away', 'zh-CN');
  });
});

test('signed out: a wrong password, and a server that does not answer', async ({ people }) => {
  const { page } = await people.atDesk('anybody');
  await open(page, '/sign-in', 'en');
  await page.getByLabel('Sign-in name').fill('nobody');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByText('The sign-in name or the password is not right.').first()).toBeVisible();
  await lookAtItAsItIs(page, 'out-sign-in-wrong', 'en');
  await lookAtStates(page, 'out', [
    { page: 'home', at: '/', asks: '**/api/session', states: ['busy', 'offline', 'loading'] },
    { page: 'work', at: '/work', asks: '**/api/session', states: ['error'] },
  ]);
});

test('the consultant: errors, no leave, still loading', async ({ people }) => {
  const { page } = await people.atDesk('consultant');
  await lookAtStates(page, 'consultant', [
    {
      page: 'visit',
      at: `/v/${visit.visitId}/consult`,
      asks: '**/api/visits/*/me*',
      states: ['error', 'missing', 'offline', 'loading'],
    },
  ]);
});

const NOW = '2026-01-05T08:00:00.000Z';
const NO_BACKUP = { id: 'backup', state: 'bad', why: ['backup.none'], figures: { taken_at: null, set: null, files: null } };

const UNCHECKED = { at: NOW, chains: [], verified: null, export: { waiting: 12, sent_at: NOW, failed_since: NOW } };
const ROTATING = {
  master: { source: { kind: 'command', program: 'vault' }, current: 'a', generations: [], subjects: 1200, behind: 800, rotating: true },
  signing: [],
  rotate: 'bianque keys rotate --data /srv/bianque --new-master-key FILE',
};

const NO_QUALITY = {
  points: [],
  chart: { centre: null, upper: null, lower: null, unit: 'ln(Mbit/s.CNY/s)', points: [] },
  not_computed: { count: 0, reasons: {} },
  failed: 0,
  abandoned: 0,
  no_shows: 0,
  method_version: '1.0',
};

async function lookAtStates(page: Page, who: string, cases: Case[]): Promise<void> {
  for (const { page: name, at, asks, states, empty } of cases) {
    const replies = states.map((state) => [state, REPLIES[state]!] as const);
    if (empty) replies.push(['empty', (route) => route.fulfill({ json: empty })]);
    for (const [state, reply] of replies) {
      await page.route(asks, reply);
      await lookAtState(page, `${who}-${name}-${state}`, at);
      await page.unroute(asks);
    }
  }
}

/** Links that lead nowhere any more, or never did. */
async function lookAtDeadLinks(page: Page, who: string, link: string): Promise<void> {
  for (const code of ['join.expired', 'join.replaced', 'join.unknown']) {
    await page.route('**/api/join/*', (route) => fail(route, 410, code));
    await lookAtState(page, `${who}-link-${code}`, link);
    await page.unroute('**/api/join/*');
  }
}

let turn = 0;

/** In one language and then the next, so that each page is seen in both. */
async function lookAtState(page: Page, name: string, at: string): Promise<void> {
  turn += 1;
  const language = turn % 2 === 0 ? 'en' : 'zh-CN';
  await test.step(name, async () => {
    await open(page, at, language);
    await said(page, name);
    await lookAtItAsItIs(page, name, language);
  });
}

async function lookAtItAsItIs(page: Page, name: string, language: 'en' | 'zh-CN'): Promise<void> {
  const faults = await look(page, name, language, [
    { theme: 'light', width: 1280 },
    { theme: turn % 3 === 0 ? 'dark' : 'light', width: 390 },
  ]);
  expect.soft(faults, name).toEqual([]);
}

/** Whatever goes wrong, the page says something and is never bare. */
async function said(page: Page, name: string): Promise<void> {
  await expect(page.locator('h1').first()).toBeAttached();
  const loading = page.locator('.loading');
  if (name.endsWith('-loading')) return expect(loading.first()).toBeVisible();
  await expect(loading).toHaveCount(0, { timeout: 20_000 });
  await expect.poll(async () => (await page.locator('main').innerText()).trim().length, { message: name }).toBeGreaterThan(3);
}

function fail(route: Route, status: number, code: string): Promise<void> {
  return route.fulfill({ status, json: { error: { code, message: code } } });
}
