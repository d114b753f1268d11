import { expect, request, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openPart, openVisit } from '../harness/clinician.ts';
import {
  arrive,
  become,
  confirm,
  demoPeople,
  letIn,
  someClinician,
  someone,
  walkIn,
  type Booked,
  type DemoPerson,
} from '../harness/clinic.ts';
import { endAndSign } from '../harness/filled.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { checkDevices, fillBirthDate } from '../harness/patient.ts';
import { test, type Person } from '../harness/people.ts';
import { demo, demoPassword, linkInfo } from '../harness/ready.ts';

const QUESTION = 'Is this contact dermatitis, or should a biopsy be taken?';
const OPINION = 'Contact dermatitis. No biopsy is needed now.';
const REASON = 'Something that only the clinician is told';

/** A clinician of somebody's institution. */
async function clinicianOf(person: DemoPerson): Promise<DemoPerson> {
  return (await demoPeople()).find(({ role, organization }) => role === 'clinician' && organization === person.organization)!;
}

test('the front desk books, lets in, and is told nothing of why', async ({ people }) => {
  test.setTimeout(90_000);
  const receptionist = await someone('front-desk');
  const clinician = await become(await clinicianOf(receptionist));
  const visit = await walkIn(clinician, { name: 'Meng Yi', birth_date: '1979-01-02', phone: '13700000061' }, REASON);
  const { page, context, faults } = await people.atDesk('front desk');
  const desk = await become(receptionist, context);
  await test.step('the queue is theirs, without the reason', async () => {
    await page.goto(demo().http);
    await expect(page).toHaveURL(/\/work$/);
    await expect(page.getByText(visit.patientName)).toBeVisible();
    await expect(page.getByText(REASON)).toHaveCount(0);
    for (const name of ['Quality', 'Consults', 'Administration'])
      await expect(page.getByRole('link', { name })).toHaveCount(0);
  });
  await test.step('they open a visit: who and when, and the way in', async () => {
    await page.getByRole('navigation', { name: 'Visits of the day' }).getByText(visit.patientName).click();
    await expect(page.getByRole('heading', { level: 1, name: visit.patientName })).toBeVisible();
    await expect(page.getByText('Link not opened yet')).toBeVisible();
    await expect(page.getByRole('tab')).toHaveCount(0);
    await expect(page.getByText(REASON)).toHaveCount(0);
    await expectAccessible(page);
  });
  await test.step('the patient came in elsewhere, and is let in once more', async () => {
    await confirm(context.request, visit);
    await expect(page.getByText('Link opened on one device')).toBeVisible();
    await page.getByRole('button', { name: 'Let in again' }).click();
    await expect(page.getByRole('dialog').getByRole('status')).toContainText(/\d{6}/);
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  });
  await test.step('they take a walk-in, with a clinician', async () => {
    await page.goto(`${demo().http}/patients`);
    await page.getByRole('searchbox').fill('Meng Yi');
    await page.getByRole('option', { name: /Meng Yi/ }).first().click();
    await page.getByRole('button', { name: 'Walk-in' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('Reason')).toHaveCount(0);
    await dialog.getByRole('button', { name: 'Start the walk-in' }).click();
    await expect(dialog.getByText('Choose a clinician.')).toBeVisible();
    await dialog.getByRole('button', { name: /Clinician/ }).click();
    await page.getByRole('option').first().click();
    await dialog.getByRole('button', { name: 'Start the walk-in' }).click();
    await expect(dialog.getByText('Link for the patient')).toBeVisible();
    await dialog.getByRole('button', { name: 'Open the visit' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Meng Yi' })).toBeVisible();
  });
  await test.step('and cancel it', async () => {
    await page.getByRole('button', { name: 'Cancel the visit' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the visit' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Cancelled');
    await expect(page.getByRole('group', { name: 'Actions for this visit' })).toHaveCount(0);
  });
  expect(faults).toEqual([]);
  const at = `/api/visits/${visit.visitId}`;
  for (const path of [`${at}/chart`, `${at}/note`, `${at}/chat`, `/api/patients/${visit.patientId}/chart`])
    expect((await desk.send('GET', path)).status(), path).toBe(403);
});

test('a specialist is asked by account, joins, signs an opinion, and is shut out', async ({ people }) => {
  test.setTimeout(150_000);
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const specialist = await people.atDesk('specialist');
  const treating = await become(await someClinician(), clinician.context);
  const asked = await someone('specialist');
  const session = await become(asked, specialist.context);
  const visit = await walkIn(treating, { name: 'Meng Er', birth_date: '1980-02-03', phone: '13700000062' });
  const chart = `/api/patients/${visit.patientId}/chart`;
  await test.step('before they are asked there is nothing for them', async () => {
    await specialist.page.goto(demo().http);
    await expect(specialist.page.getByRole('heading', { level: 1, name: 'Consults' })).toBeVisible();
    // Other tests may have asked them about others.
    await expect(specialist.page.getByRole('article', { name: new RegExp(visit.patientName) })).toHaveCount(0);
    expect((await session.send('GET', chart)).status()).toBe(404);
  });
  await test.step('the clinician asks them', async () => {
    await arrive(patient.context.request, visit);
    await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
    await clinician.page.goto(`${demo().http}/work`);
    await openVisit(clinician.page, visit.visitId);
    await letIn(treating, visit);
    await ask(clinician.page, asked);
  });
  await test.step('the question lies in their list, and opens the visit with its call', async () => {
    const { page } = specialist;
    await page.reload();
    await expect(page.getByRole('link', { name: /^Consults/ })).toContainText(/[1-9]/);
    const question = page.getByRole('article', { name: new RegExp(visit.patientName) });
    await expect(question).toContainText(QUESTION);
    await question.getByRole('link', { name: /^Open/ }).click();
    await expect(page.getByText('Question to you')).toBeVisible();
    await expectSeesAndHears(page);
    await expectAccessible(page);
    expect((await session.send('GET', chart)).status()).toBe(200);
  });
  await test.step('they sign, proving who they are', async () => {
    const { page } = specialist;
    await openPart(page, 'Opinion');
    await page.getByRole('textbox', { name: 'Your opinion' }).fill(OPINION);
    await expect(page.getByText(/^Saved \d/)).toBeVisible();
    // As the server answers ten minutes after the last proof.
    const stale = { status: 403, json: { error: { code: 'step-up.needed', message: 'prove' } } };
    await page.route('**/opinion/sign', (route) => route.fulfill(stale), { times: 1 });
    await page.getByRole('button', { name: 'Sign the opinion' }).click();
    await expect(page.getByRole('dialog')).toContainText('closes this record to you');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign', exact: true }).click();
    await prove(page);
    await expect(page.getByRole('heading', { level: 1, name: 'Your opinion is signed' })).toBeVisible();
    await expect(page.getByText(OPINION)).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('the clinician has it, and the record is closed to the specialist', async () => {
    await expect(clinician.page.getByText(OPINION)).toBeVisible();
    await expect(clinician.page.getByText('Opinion signed')).toBeVisible();
    for (const path of [chart, `/api/visits/${visit.visitId}`, `/api/visits/${visit.visitId}/note`])
      expect((await session.send('GET', path)).status(), path).toBe(404);
    await specialist.page.getByRole('link', { name: 'All consults' }).click();
    const line = specialist.page.getByRole('article', { name: new RegExp(visit.patientName) });
    await expect(line).toContainText('Opinion signed');
    await expect(line.getByRole('link')).toHaveCount(0);
    await specialist.page.goto(`${demo().http}/consults/${visit.visitId}`);
    await expect(specialist.page.getByText('This consultation is over')).toBeVisible();
  });
});

test('a reporter reads what a report needs, and nothing else', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('reporter');
  const reporter = await become(await someone('reporter'), context);
  const { visit_id } = await linkInfo(demo().links.patient);
  const clinician = await become(await clinicianOf(await someone('reporter')));
  const { visit } = await clinician.ask<{ visit: { patient: { id: string; name: string } } }>('GET', `/api/visits/${visit_id}`);
  await page.goto(demo().http);
  await expect(page).toHaveURL(/\/patients$/);
  await expect(page.getByRole('button', { name: /emergency/i })).toHaveCount(0);
  await page.goto(`${demo().http}/patients/${visit.patient.id}`);
  await expect(page.getByRole('heading', { level: 1, name: visit.patient.name })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Allergies' })).toBeVisible();
  for (const name of ['Medications', 'Visits', 'Notes']) await expect(page.getByRole('heading', { name })).toHaveCount(0);
  await page.goto(`${demo().http}/work`);
  await expect(page).toHaveURL(/\/patients$/);
  expect(faults).toEqual([]);
  for (const path of [`/api/visits/${visit_id}`, '/api/consults', '/api/practitioners'])
    expect((await reporter.send('GET', path)).status(), path).toBe(403);
});

test('a supervisor sees figures and emergencies, and no patient', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('supervisor');
  const person = await someone('supervisor');
  const supervisor = await become(person, context);
  const clinician = await become(await clinicianOf(person));
  const visit = await walkIn(clinician, { name: 'Meng Si', birth_date: '1981-05-06', phone: '13700000064' });
  await arrive(await request.newContext(), visit);
  await endAndSign(clinician, visit);
  await page.goto(demo().http);
  await expect(page).toHaveURL(/\/quality$/);
  await expect(page.getByRole('link', { name: 'Patients' })).toHaveCount(0);
  const figures = page.getByRole('table').last();
  await expect(page.getByText(visit.patientName)).toHaveCount(0);
  await figures.locator(`a[href$="${visit.visitId}"]`).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Quality of a visit' })).toBeVisible();
  await expect(page.getByText('R = T × C / D').first()).toBeVisible();
  await page.getByRole('link', { name: 'Emergency access' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Emergency access' })).toBeVisible();
  await expectAccessible(page);
  expect(faults).toEqual([]);
  for (const path of [`/api/visits/${visit.visitId}`, '/api/patients?query=a', '/api/admin/users'])
    expect((await supervisor.send('GET', path)).status(), path).toBe(403);
});

test('a parent comes for a child, consents in their own name, and the clinician sees it', async ({ people }) => {
  test.setTimeout(90_000);
  const clinician = await people.atDesk('clinician');
  const treating = await become(await someClinician(), clinician.context);
  const visit = await walkIn(treating, { name: 'Meng San', birth_date: '2019-03-04', phone: '13700000063' });
  const parent = await people.withPhone('parent');
  await comeFor(parent, visit, 'Meng Mama', 'Mother or father');
  await test.step('the consent is a guardian’s, with their name', async () => {
    const { page } = parent;
    await checkDevices(page);
    await expect(page.getByRole('radio', { name: /I am the patient's guardian/ })).toBeChecked();
    await expect(page.getByLabel("The guardian's full name")).toHaveValue('Meng Mama');
    await page.getByText('I have read this and I agree').click();
    await page.getByRole('button', { name: 'Agree and continue' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Why do you want to see the clinician?' })).toBeVisible();
  });
  await test.step('the clinician is told who speaks', async () => {
    await clinician.page.goto(`${demo().http}/work/visits/${visit.visitId}`);
    await expect(clinician.page.getByText('Meng Mama comes for the patient (parent)')).toBeVisible();
  });
});

async function ask(page: Page, asked: DemoPerson): Promise<void> {
  await openPart(page, 'Opinion');
  await page.getByRole('button', { name: 'Invite a clinician' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Specialist or clinician/ }).click();
  await page.getByRole('option', { name: asked.name }).click();
  await dialog.getByLabel('Question').fill(QUESTION);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(dialog.getByText(/There is no link to hand over/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('With an account here')).toBeVisible();
}

/** The password once more, where a signature asks for it. */
async function prove(page: Page): Promise<void> {
  const again = page.getByRole('dialog', { name: 'Show that it is you' });
  await again.getByLabel('Password').fill('not the password');
  await again.getByRole('button', { name: 'Confirm' }).click();
  await expect(again.getByRole('alert')).toHaveText('The password is wrong.');
  await expectAccessible(page);
  await again.getByLabel('Password').fill(await demoPassword());
  await again.getByRole('button', { name: 'Confirm' }).click();
}

async function comeFor({ page }: Person, visit: Booked, name: string, relation: string): Promise<void> {
  await page.goto(visit.link);
  await page.getByText('I come for the patient').click();
  await fillBirthDate(page, visit.birthDate);
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await page.getByLabel('Your full name').fill(name);
  await page.getByText(relation, { exact: true }).click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
}
