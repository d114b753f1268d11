import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { arrive, become, demoPeople, someClinician, type Booked, type Session } from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { look } from '../harness/screens.ts';

const NUMBER = 'EMERGENCY-17';
const BIRTH_DATE = '1957-03-08';
const REASON = 'Unconscious in our emergency room; allergies must be known.';

let visit: Booked;

test.beforeAll(async () => {
  visit = await bookedFor(await become(await someClinician()));
});

test('a record is opened in an emergency: the patient and supervision see who it was and why', async ({ people }) => {
  test.setTimeout(120_000);
  const home = await someClinician();
  const stranger = await someClinician(home.organization);
  const clinician = await people.atDesk('clinician of another institution');
  await become(stranger, clinician.context);

  await test.step('the record is not there for them', async () => {
    await clinician.page.goto(`${demo().http}/patients/${visit.patientId}`);
    await expect(clinician.page.getByText('This patient is not here').first()).toBeVisible();
  });
  await test.step('too short a reason and a wrong birth date open nothing', async () => {
    const { page } = clinician;
    await page.goto(`${demo().http}/patients`);
    await page.getByRole('button', { name: 'Open a record in an emergency' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByText('The patient is told')).toBeVisible();
    await ask(page, '1957-03-09', 'urgent');
    await expect(dialog.getByText('Say it in at least 10 characters.')).toBeVisible();
    await expect(dialog.getByLabel('Why is this an emergency?')).toBeFocused();
    await ask(page, '1957-03-09', REASON);
    await expect(dialog.getByText('No patient has this identifier and this birth date.')).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('the number, the birth date and a reason open it, and the chart says so', async () => {
    const { page } = clinician;
    await ask(page, BIRTH_DATE, REASON);
    await expect(page.getByRole('heading', { level: 1, name: visit.patientName })).toBeVisible();
    await expect(page.getByText(/^Opened in an emergency until \d\d:\d\d$/)).toBeVisible();
    await page.reload();
    await expect(page.getByText(/^Opened in an emergency until/)).toBeVisible();
    await looksRight(page, 'emergency-chart');
  });
  await test.step('the patient sees it among those who read the record', async () => {
    const { page, context } = await people.withPhone('patient');
    await arrive(context.request, visit);
    await page.goto(`${demo().http}/v/${visit.visitId}`);
    await page.getByRole('link', { name: 'Who has read my record' }).click();
    const emergencies = page.getByRole('listitem').filter({ hasText: 'Emergency' });
    const opened = emergencies.filter({ hasText: 'Opened your record in an emergency' });
    await expect(opened).toContainText(stranger.name);
    await expect(opened).toContainText(REASON);
    await expect(emergencies.filter({ hasText: 'Read your record' })).toContainText(stranger.organization);
    // Who is responsible for the patient reads without one.
    const ordinary = page.getByRole('listitem').filter({ hasNotText: 'Emergency' });
    await expect(ordinary.filter({ hasText: 'Registered you as a patient' })).toContainText(home.organization);
    await looksRight(page, 'emergency-accesses');
    await page.getByRole('link', { name: 'Back' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Waiting room' })).toBeVisible();
  });
  await test.step('the administrator sees who, from where and why', async () => {
    const { page, context } = await people.atDesk('administrator');
    await become((await demoPeople()).find(({ role }) => role === 'administrator')!, context);
    await page.goto(`${demo().http}/admin/users`);
    await page.getByRole('link', { name: 'Emergency access' }).click();
    const row = page.getByRole('row').filter({ hasText: REASON });
    await expect(row).toContainText(stranger.name);
    await expect(row).toContainText(stranger.organization);
    await expect(row).toContainText('open now');
    await expect(row).toContainText(visit.patientId);
    await expect(page.getByText(visit.patientName)).toHaveCount(0);
    await looksRight(page, 'emergency-supervision');
  });
});

test('a visit says for how long its patient’s record is open in an emergency', async ({ people }) => {
  const { page, context } = await people.atDesk('clinician');
  await become(await someClinician(), context);
  await page.goto(`${demo().http}/work/visits/${visit.visitId}`);
  await expect(page.getByRole('heading', { level: 1, name: visit.patientName })).toBeVisible();
  const banner = page.getByText(/^Opened in an emergency until \d\d:\d\d$/);
  await expect(banner).toHaveCount(0);
  await page.goto(`${demo().http}/patients`);
  await page.getByRole('button', { name: 'Open a record in an emergency' }).click();
  await ask(page, BIRTH_DATE, 'What is very restricted must be known at once.');
  await expect(banner).toBeVisible();
  await page.goto(`${demo().http}/work/visits/${visit.visitId}`);
  await expect(banner).toBeVisible();
  await expectAccessible(page);
  // An hour later it is over, on the page as it stands.
  await page.clock.setFixedTime(Date.now() + 61 * 60_000);
  await expect(banner).toHaveCount(0);
});

async function looksRight(page: Page, name: string): Promise<void> {
  const faults = await look(page, name, 'en', [
    { theme: 'light', width: 1280 },
    { theme: 'dark', width: 390 },
  ]);
  expect(faults).toEqual([]);
}

async function ask(page: Page, birthDate: string, reason: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Identifier').fill(NUMBER);
  await dialog.getByLabel('Birth date').fill(birthDate);
  await dialog.getByLabel('Why is this an emergency?').fill(reason);
  await dialog.getByRole('button', { name: 'Open the record' }).click();
}

/** A patient who has a number, with a visit for now. */
async function bookedFor(clinician: Session): Promise<Booked> {
  const patientName = 'Yin Ji';
  const { patient } = await clinician.ask<{ patient: { id: string } }>('POST', '/api/patients', {
    name: patientName,
    birth_date: BIRTH_DATE,
    sex: 'female',
    phone: '13700000081',
    identifier: { system: 'urn:bianque:record-number', value: NUMBER },
    language: 'en',
  });
  const { visit, join_url } = await clinician.ask<{ visit: { id: string }; join_url: string }>('POST', '/api/visits', {
    patient_id: patient.id,
    visit_type: 'general',
    reason: '',
  });
  return { visitId: visit.id, patientId: patient.id, patientName, birthDate: BIRTH_DATE, link: join_url };
}
