import fs from 'node:fs';
import { expect, request, type Page } from '@playwright/test';
import { asking, register } from '../harness/applications.ts';
import { openPart } from '../harness/clinician.ts';
import {
  again,
  askAbout,
  arrive,
  become,
  confirm,
  demoPeople,
  guestWaits,
  inviteGuest,
  inviteInto,
  letIn,
  someone,
  stepsOf,
  walkIn,
  type Booked,
  type DemoPerson,
  type Session,
} from '../harness/clinic.ts';
import { endAndSign, keepPhoto, say } from '../harness/filled.ts';
import {
  devicesOn,
  devicesOpen,
  openDialog,
  openDockPeople,
  openEmergency,
  openFirstRow,
  openHistory,
  openInvitation,
  openPeople,
  openProvider,
  openRegistration,
  pickPatient,
  previewConsent,
  sayForAnother,
  searchPatients,
  toAgreement,
  unfold,
  writeConsent,
} from '../harness/opened.ts';
import { admitted, halfOrdered, sendMessage } from '../harness/mllp.ts';
import { test, type Language } from '../harness/people.ts';
import { demo, linkInfo } from '../harness/ready.ts';
import { faultsOf, type Screen } from '../harness/screens.ts';

// There are many of them, and two files run at a time.
test.describe.configure({ timeout: 480_000 });

/** Screens that have been looked at, by the address they lie at. */
const seen = new Set<string>();
let treating: DemoPerson;
let clinician: Session;

test.beforeAll(async () => {
  // Whose patients have histories.
  const { practitioner_name } = await linkInfo(demo().links.patient);
  treating = (await demoPeople()).find(({ name }) => name === practitioner_name)!;
  clinician = await become(treating);
});

test('signed out', async ({ people }) => {
  const { page } = await people.atDesk('anybody');
  await lookAt(page, 'out', [
    { name: 'sign-in', at: '/sign-in' },
    { name: 'provider-over', at: '/sign-in/provider?state=forged&code=forged' },
    { name: 'setup-done', at: '/setup' },
    { name: 'password', at: '/password/none' },
    { name: 'not-there', at: '/nowhere' },
    { name: 'link-forged', at: '/j/forged' },
    { name: 'visit-denied', at: '/v/01900000-0000-7000-8000-000000000000' },
    { name: 'consult-denied', at: '/v/01900000-0000-7000-8000-000000000000/consult' },
  ]);
  await page.route('**/api/session', (route) =>
    route.fulfill({ json: { session: null, setup_needed: true, demo: false, version: '0.1.0' } }),
  );
  await lookAt(page, 'out', [
    { name: 'setup-first', at: '/' },
    { name: 'setup', at: '/setup/token' },
  ]);
});

test('the patient on the way in', async ({ people }) => {
  const { page, context } = await people.withPhone('patient');
  const visit = await walkIn(clinician, { name: 'Song Si', birth_date: '1968-04-09', phone: '13700000041' });
  await lookAt(page, 'patient', [{ name: 'link', at: new URL(visit.link).pathname }]);
  const steps = stepsOf(await confirm(context.request, visit), visit);
  const at = `/v/${visit.visitId}`;
  await lookAt(page, 'patient', [{ name: 'device', at: `${at}/device`, then: devicesOpen }]);
  await steps.checkDevices('ok', 'denied');
  await lookAt(page, 'patient', [{ name: 'consent', at: `${at}/consent` }]);
  await steps.consent();
  await steps.answer({ red_flags: ['chest-pain', 'suicide'] });
  const questions = ['reason', 'symptoms', 'duration', 'location', 'contact', 'red-flags', 'check', 'emergency'];
  await lookAt(page, 'patient', questions.map((name) => ({ name: `intake-${name}`, at: `${at}/intake/${name}` })));
  await steps.goIn();
  await lookAt(page, 'patient', [
    { name: 'waiting', at: `${at}/waiting` },
    { name: 'accesses', at: `${at}/accesses` },
  ]);
});

test('the patient in the call and after it', async ({ people }) => {
  const { page, context } = await people.withPhone('patient');
  const visit = await walkIn(clinician, { name: 'Song Er', birth_date: '1968-04-10', phone: '13700000042' });
  const patient = await arrive(context.request, visit);
  const at = `/v/${visit.visitId}`;
  await keepPhoto(patient, visit);
  await letIn(clinician, visit);
  await lookAt(page, 'patient', [{ name: 'call', at: `${at}/call` }]);
  await page.goto('about:blank');
  await clinician.ask('POST', `/api/visits/${visit.visitId}/end`, { reason: 'done' });
  await lookAt(page, 'patient', [{ name: 'plan-awaited', at: `${at}/plan` }]);
  const over = await walkIn(clinician, { name: 'Song San', birth_date: '1968-04-11', phone: '13700000043' });
  await arrive(context.request, over);
  await endAndSign(clinician, over);
  await lookAt(page, 'patient', [{ name: 'plan', at: `/v/${over.visitId}/plan` }]);
});

test('the clinician', async ({ people }) => {
  const { page, context } = await people.atDesk('clinician');
  await become(treating, context);
  const [booked, full, over] = await threeVisits();
  const application = await someApplication();
  const history = await patientWithHistory();
  const { url } = await clinician.ask<{ url: string }>('POST', '/api/launches', {
    application_id: application,
    patient_id: history,
  });
  const launch = new URL(url).searchParams.get('launch')!;
  const scopes = 'launch/patient patient/*.rs patient/Observation.cruds user/Condition.rs openid fhirUser offline_access';
  await lookAt(page, 'clinician', [
    { name: 'authorize', at: `/authorize?${asking(application, scopes)}` },
    { name: 'authorize-launched', at: `/authorize?${asking(application, 'launch patient/*.rs', { launch })}` },
    { name: 'authorize-refused', at: `/authorize?${asking('nobody', scopes)}` },
    { name: 'day', at: '/work' },
    { name: 'visit-booked', at: `/work/visits/${booked.visitId}` },
    ...['chart', 'intake', 'photos', 'note', 'opinion'].map((part) => ({
      name: `visit-${part}`,
      at: `/work/visits/${full.visitId}?part=${part}`,
    })),
    ...['note', 'quality'].map((part) => ({
      name: `visit-over-${part}`,
      at: `/work/visits/${over.visitId}?part=${part}`,
    })),
    { name: 'visit-people', at: `/work/visits/${full.visitId}`, then: openDockPeople },
    { name: 'visit-invite-guest', at: `/work/visits/${full.visitId}`, then: openInvitation },
    { name: 'patients', at: '/patients' },
    { name: 'patients-emergency', at: '/patients', then: openEmergency },
    { name: 'patients-found', at: '/patients', then: searchPatients },
    { name: 'patient', at: `/patients/${history}` },
    { name: 'patient-all', at: `/patients/${history}`, then: unfold },
    ...['problem', 'allergy', 'medication'].map((what) => ({
      name: `patient-add-${what}`,
      at: `/patients/${history}`,
      then: (page: Page, language: Language) => openDialog(page, ADDS[what]![language]),
    })),
    { name: 'patient-history', at: `/patients/${history}`, then: openHistory },
    { name: 'quality', at: '/quality' },
    { name: 'account', at: '/account' },
  ]);
});

test('the consultant', async ({ people }) => {
  const { page } = await people.atDesk('consultant');
  const visit = await walkIn(clinician, { name: 'Song Wu', birth_date: '1968-04-13', phone: '13700000045' });
  const patient = await arrive(await request.newContext(), visit);
  await keepPhoto(patient, visit);
  const { url } = await inviteInto(clinician, visit, 'Is this pneumonia?');
  await lookAt(page, 'consultant', [{ name: 'link', at: new URL(url).pathname }]);
  await page.getByRole('textbox').nth(0).fill('Dr Asked');
  await page.getByRole('textbox').nth(1).fill('CONS-1');
  await page.locator('button[type=submit]').click();
  await page.waitForURL(/consult/);
  const at = `/v/${visit.visitId}/consult`;
  await lookAt(page, 'consultant', [
    { name: 'chart', at },
    { name: 'opinion', at, then: (page, language) => openPart(page, language === 'en' ? 'Opinion' : '会诊意见') },
  ]);
});

test('a guest, by a link of their own', async ({ people }) => {
  const { page, context } = await people.withPhone('guest');
  const visit = await walkIn(clinician, { name: 'Song Shi', birth_date: '1968-04-18', phone: '13700000050' });
  await arrive(await request.newContext(), visit);
  const { id, url } = await inviteGuest(clinician, visit, { role: 'interpreter', name: 'Lin Yi', languages: ['en', 'zh'] });
  await lookAt(page, 'guest', [{ name: 'link', at: new URL(url).pathname }]);
  await guestWaits(context.request, visit, url, 'Lin Yi');
  const at = `/v/${visit.visitId}/guest`;
  await lookAt(page, 'guest', [{ name: 'lobby', at }]);
  await letIn(clinician, visit);
  await clinician.ask('POST', `/api/visits/${visit.visitId}/guests/${id}/admit`);
  await lookAt(page, 'guest', [{ name: 'call', at }, { name: 'people', at, then: openPeople }]);
  await page.goto('about:blank');
  await clinician.ask('POST', `/api/visits/${visit.visitId}/guests/${id}/remove`);
  await lookAt(page, 'guest', [{ name: 'out', at }]);
  const again = await inviteGuest(clinician, visit, { role: 'family', name: 'Lin Er', relationship: 'FRND' });
  const confirmed = await context.request.post(`${demo().http}/api/visits/${visit.visitId}/confirm`, {
    data: { token: again.url.slice(again.url.lastIndexOf('/') + 1), name: 'Lin Er' },
  });
  expect(confirmed.status()).toBe(200);
  await lookAt(page, 'guest', [{ name: 'welcome', at, then: devicesOn }, { name: 'agree', at, then: toAgreement }]);
});

test('the specialist', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('specialist');
  const asked = await someone('specialist');
  await become(asked, context);
  await lookAt(page, 'specialist', [
    { name: 'consults-none', at: '/consults' },
    { name: 'corrections-none', at: '/corrections' },
  ]);
  const visit = await walkIn(clinician, { name: 'Song Liu', birth_date: '1968-04-14', phone: '13700000046' });
  await keepPhoto(await arrive(await request.newContext(), visit), visit);
  await askAbout(clinician, visit, asked, 'Is this pneumonia, and would you see the patient?');
  await lookAt(page, 'specialist', [
    { name: 'consults', at: '/consults' },
    { name: 'asked', at: `/consults/${visit.visitId}` },
    {
      name: 'asked-opinion',
      at: `/consults/${visit.visitId}`,
      then: (page, language) => openPart(page, language === 'en' ? 'Opinion' : '会诊意见'),
    },
    { name: 'patients', at: '/patients' },
    { name: 'patient', at: `/patients/${visit.patientId}` },
    { name: 'account', at: '/account' },
  ]);
  expect(faults).toEqual([]);
  await lookAt(page, 'specialist', [
    { name: 'patient-not-asked', at: `/patients/${await patientWithHistory()}` },
    { name: 'asked-over', at: '/consults/01900000-0000-7000-8000-000000000000' },
  ]);
});

test('the reporter', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('reporter');
  await become(await someone('reporter'), context);
  await lookAt(page, 'reporter', [
    { name: 'patients', at: '/patients' },
    { name: 'patient', at: `/patients/${await patientWithHistory()}` },
    { name: 'account', at: '/account' },
  ]);
  expect(faults).toEqual([]);
});

test('the front desk', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('front desk');
  await become(await someone('front-desk'), context);
  const visit = await walkIn(clinician, { name: 'Song Qi', birth_date: '1968-04-15', phone: '13700000047' });
  await lookAt(page, 'front-desk', [
    { name: 'day', at: '/work' },
    { name: 'visit', at: `/work/visits/${visit.visitId}` },
    { name: 'patients', at: '/patients' },
    { name: 'patients-found', at: '/patients', then: pickPatient },
    { name: 'identity', at: '/identity', then: somebodyTwice },
    { name: 'identity-compare', at: '/identity', then: compareTwo },
    { name: 'account', at: '/account' },
  ]);
  expect(faults).toEqual([]);
});

/** Two records of one person, which the server finds a moment after they were written. */
async function somebodyTwice(page: Page): Promise<void> {
  const twice = { name: 'Song Shuang', birth_date: '1968-04-20', phone: '13700000051', sex: 'female', language: 'zh-CN' };
  const pair = page.locator('article', { hasText: twice.name });
  if ((await pair.count()) === 0) {
    const desk = await become(await clinicianOfDesk());
    for (let record = 0; record < 2; record += 1) await desk.ask('POST', '/api/patients', twice);
  }
  await expect(async () => {
    await page.reload();
    await expect(pair.first()).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
}

async function compareTwo(page: Page): Promise<void> {
  await somebodyTwice(page);
  await page.locator('article', { hasText: 'Song Shuang' }).first().getByRole('button').click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

/** A clinician of the front desk's institution. */
async function clinicianOfDesk(): Promise<DemoPerson> {
  const { organization } = await someone('front-desk');
  return (await demoPeople()).find((one) => one.role === 'clinician' && one.organization === organization)!;
}

test('the supervisor', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('supervisor');
  await become(await someone('supervisor'), context);
  const visit = await walkIn(clinician, { name: 'Song Jiu', birth_date: '1968-04-17', phone: '13700000049' });
  await arrive(await request.newContext(), visit);
  await endAndSign(clinician, visit);
  await lookAt(page, 'supervisor', [
    { name: 'quality', at: '/quality' },
    { name: 'visit', at: `/quality/visits/${visit.visitId}` },
    { name: 'emergencies', at: '/emergencies' },
    { name: 'account', at: '/account' },
  ]);
  expect(faults).toEqual([]);
});

test('somebody who comes for the patient', async ({ people }) => {
  const { page } = await people.withPhone('parent');
  const visit = await walkIn(clinician, { name: 'Song Ba', birth_date: '2019-04-16', phone: '13700000048' });
  await lookAt(page, 'parent', [{ name: 'who', at: new URL(visit.link).pathname, then: sayForAnother }]);
});

test('the administrator', async ({ people }) => {
  const { page, context } = await people.atDesk('administrator');
  await become((await demoPeople()).find(({ role }) => role === 'administrator')!, context);
  await someApplication();
  await somethingHeld();
  const message = await someMessage();
  const told = await messageThatWaits();
  await lookAt(page, 'administrator', [
    { name: 'users', at: '/admin/users' },
    { name: 'organizations', at: '/admin/organizations' },
    { name: 'schedules', at: '/admin/schedules' },
    { name: 'prices', at: '/admin/prices' },
    { name: 'sign-in', at: '/admin/sign-in' },
    { name: 'identity-providers', at: '/admin/identity-providers' },
    { name: 'identity-provider', at: '/admin/identity-providers', then: openProvider },
    { name: 'emergencies', at: '/admin/emergencies' },
    { name: 'applications', at: '/admin/applications' },
    { name: 'applications-add', at: '/admin/applications', then: openRegistration },
    { name: 'messages', at: '/admin/messages' },
    { name: 'message', at: `/admin/messages/${message}` },
    { name: 'message-set-aside', at: `/admin/messages/${message}`, then: (page, language) => openDialog(page, language === 'en' ? 'Set aside' : '搁置') },
    { name: 'senders', at: '/admin/messages/senders' },
    { name: 'sender-add', at: '/admin/messages/senders', then: (page, language) => openDialog(page, language === 'en' ? 'Add a sender' : '添加发送方') },
    { name: 'outgoing', at: '/admin/messages/outgoing' },
    { name: 'outgoing-message', at: `/admin/messages/outgoing/${told}` },
    { name: 'destinations', at: '/admin/messages/destinations' },
    { name: 'destination-add', at: '/admin/messages/destinations', then: (page, language) => openDialog(page, language === 'en' ? 'Add a destination' : '添加目的地') },
    { name: 'peers', at: '/admin/peers' },
    { name: 'peer-add', at: '/admin/peers', then: (page, language) => openDialog(page, language === 'en' ? 'Add a device' : '添加设备') },
    { name: 'consents', at: '/admin/consents' },
    { name: 'consents-draft', at: '/admin/consents', then: writeConsent },
    { name: 'consents-preview', at: '/admin/consents', then: previewConsent },
    { name: 'audit', at: '/admin/audit' },
    { name: 'audit-details', at: '/admin/audit', then: openFirstRow },
    { name: 'audit-take', at: '/admin/audit', then: (page, language) => openDialog(page, language === 'en' ? 'Take away' : '导出') },
    { name: 'retention', at: '/admin/retention' },
    {
      name: 'retention-period',
      at: '/admin/retention',
      then: (page, language) => openDialog(page, language === 'en' ? 'Change the period' : '修改期限'),
    },
    {
      name: 'retention-hold',
      at: '/admin/retention',
      then: (page, language) => openDialog(page, language === 'en' ? 'Put a hold on a record' : '对病历下留存令'),
    },
    { name: 'keys', at: '/admin/keys' },
    { name: 'health', at: '/admin/health' },
    { name: 'home', at: '/admin' },
    { name: 'quality', at: '/quality' },
    { name: 'account', at: '/account' },
  ]);
});

// Last: it counts what the others have seen.
test('no route was left out', () => {
  const read = (file: string) => fs.readFileSync(new URL(`../../web/src/${file}`, import.meta.url), 'utf8');
  const source = ['routes.tsx', 'desk/routes.tsx'].map(read).join('');
  const routes = [...source.matchAll(/path: '([^']+)'/g)].map(([, path]) => path!).filter((path) => path !== '*');
  expect(routes.length).toBeGreaterThan(20);
  const addresses = [...seen];
  const unseen = routes.filter((route) => !addresses.some((address) => matches(address, route)));
  expect(unseen).toEqual([]);
});

const ADDS: Record<string, Record<Language, string>> = {
  problem: { en: 'Add a problem', 'zh-CN': '添加问题' },
  allergy: { en: 'Add an allergy', 'zh-CN': '添加过敏' },
  medication: { en: 'Add a medication', 'zh-CN': '添加用药' },
};

async function lookAt(page: Page, who: string, screens: Screen[]): Promise<void> {
  for (const screen of screens) {
    await test.step(screen.name, async () => {
      seen.add(screen.at.split('?')[0]!);
      expect.soft(await faultsOf(page, who, screen), `${who}: ${screen.name}`).toEqual([]);
    });
  }
}

/** A nested route's path is the end of its address. */
function matches(address: string, route: string): boolean {
  const pattern = route
    .replace(/\/:\w+\?/g, '(/[^/]+)?')
    .replace(/:\w+/g, '[^/]+')
    .replace(/^(?!\/)/, '.*/');
  return new RegExp(`^${pattern}$`).test(address);
}

/** An application that is opened from charts. */
async function someApplication(): Promise<string> {
  const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
  const scopes = 'launch launch/patient patient/*.cruds user/*.rs openid fhirUser offline_access';
  const launch_url = 'http://127.0.0.1:9009/launch';
  return (await register(administrator, 'Growth chart', scopes, { launch_url })).application.id;
}

/** Messages of another system: one that was applied, and one that waits, whose id is given. */
async function someMessage(): Promise<string> {
  const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
  const { senders } = await administrator.ask<{ senders: { application: string }[] }>('GET', '/api/admin/senders');
  const rules = { name: 'West hospital', application: 'HIS', facility: 'WEST', zone: 'Asia/Shanghai' };
  if (!senders.some(({ application }) => application === 'HIS')) await administrator.ask('POST', '/api/admin/senders', rules);
  await sendMessage(admitted('S1', 'HIS|WEST'));
  await sendMessage(halfOrdered('S2', 'HIS|WEST'));
  const { messages } = await administrator.ask<{ messages: { id: string }[] }>('GET', '/api/admin/messages?state=failed&text=S2');
  return messages[0]!.id;
}

/** A system that does not listen is to be told of a visit: the message that waits for it. */
async function messageThatWaits(): Promise<string> {
  const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
  const { id } = await administrator.ask<{ id: string }>('POST', '/api/admin/destinations', {
    name: 'A system that is down',
    host: '127.0.0.1',
    port: 9,
    own_application: 'BIANQUE',
    events: ['ADT'],
    zone: 'Asia/Shanghai',
  });
  const visit = await walkIn(clinician, { name: 'Song Shiyi', birth_date: '1968-04-24', phone: '13700000056' });
  await arrive(await request.newContext(), visit);
  await letIn(clinician, visit);
  const waiting = async (): Promise<{ id: string }[]> =>
    (await administrator.ask<{ messages: { id: string }[] }>('GET', `/api/admin/outgoing?destination=${id}`)).messages;
  await expect.poll(async () => (await waiting()).length).toBeGreaterThan(0);
  return (await waiting())[0]!.id;
}

/** A hold on a record, and a period that was set. */
async function somethingHeld(): Promise<void> {
  const administrator = await become((await demoPeople()).find(({ role }) => role === 'administrator')!);
  const { holds } = await administrator.ask<{ holds: { patient_id: string }[] }>('GET', '/api/admin/holds');
  const patient_id = await patientWithHistory();
  const reason = 'Case 7/2026 of the regional court';
  if (!holds.some((hold) => hold.patient_id === patient_id)) await administrator.ask('POST', '/api/admin/holds', { patient_id, reason });
  const { years, revision } = await administrator.ask<{ years: number; revision: number }>('GET', '/api/admin/retention');
  if (revision === 0) await administrator.ask('PUT', '/api/admin/retention', { years, reason: 'Reviewed, and left as it is', revision });
}

/** Booked; waiting, with everything that a patient sends; and over, with its plan. */
async function threeVisits(): Promise<[Booked, Booked, Booked]> {
  const booked = await walkIn(clinician, { name: 'Song Si', birth_date: '1968-04-12', phone: '13700000044' });
  const full = await again(clinician, booked, 'A cough');
  const flagged = { red_flags: ['breathing', 'chest-pain'] };
  const patient = await arrive(await request.newContext(), full, flagged);
  await keepPhoto(patient, full);
  await say(patient, full, 'I hear you well.');
  await inviteInto(clinician, full, 'Is this pneumonia?');
  const { url } = await inviteGuest(clinician, full, { role: 'interpreter', name: 'Lin San', languages: ['en', 'zh'] });
  await guestWaits(await request.newContext(), full, url, 'Lin San');
  await inviteGuest(clinician, full, { role: 'observer', name: 'Student Wu' });
  const over = await again(clinician, booked);
  await arrive(await request.newContext(), over);
  await endAndSign(clinician, over);
  return [booked, full, over];
}

/** One of the demo's own, whose chart has something in each of its parts. */
async function patientWithHistory(): Promise<string> {
  const { visit_id } = await linkInfo(demo().links.patient);
  const { visit } = await clinician.ask<{ visit: { patient: { id: string } } }>('GET', `/api/visits/${visit_id}`);
  return visit.patient.id;
}
