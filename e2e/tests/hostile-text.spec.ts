import { expect, type Page } from '@playwright/test';
import { actions, endVisit, openPart, sign } from '../harness/clinician.ts';
import { become, demoPeople, letIn, someClinician, type Session } from '../harness/clinic.ts';
import { expectShown, fillEveryField, hostile, watchForHarm } from '../harness/hostile.ts';
import { confirmBirthDate } from '../harness/patient.ts';
import { test } from '../harness/people.ts';
import { demo, demoPassword } from '../harness/ready.ts';

const BORN = '1977-07-07';

test('SQL and HTML in every text field are text wherever they are shown', async ({ people }) => {
  test.setTimeout(180_000);
  const desk = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const consultant = await people.atDesk('consultant');
  const checks = await Promise.all([desk, patient, consultant].map(({ context }) => watchForHarm(context)));
  const session = await become(await someClinician(), desk.context);
  const before = await patientsOf(session);
  let link = '';
  let visitId = '';

  await test.step('a walk-in of a new patient', async () => {
    await desk.page.goto(`${demo().http}/work`);
    await desk.page.getByRole('button', { name: 'Walk-in' }).click();
    await takeIn(desk.page);
    await fillEveryField(dialogOf(desk.page), 'booking');
    await dialogOf(desk.page).getByRole('button', { name: 'Start the walk-in' }).click();
    link = await linkIn(desk.page);
    await dialogOf(desk.page).getByRole('button', { name: 'Open the visit' }).click();
    visitId = /visits\/([^/?]+)/.exec(desk.page.url())![1]!;
    await expectShown(desk.page, 'taken-in-0');
  });
  const told: string[] = [];
  await test.step('the patient answers', async () => {
    await confirmBirthDate(patient.page, link, BORN);
    told.push(...(await comeIn(patient.page)));
    for (const mark of told) await expectShown(patient.page, mark);
    await patient.page.getByRole('button', { name: 'Send and go to the waiting room' }).click();
    await expect(patient.page.getByRole('heading', { level: 1, name: 'Waiting room' })).toBeVisible();
  });
  await test.step('the clinician reads it', async () => {
    await openPart(desk.page, 'Intake');
    for (const mark of [...told, 'consent-0']) await expectShown(desk.page, mark);
    await letIn(session, { visitId, patientId: '', patientName: '', birthDate: BORN, link });
  });
  await test.step('both write messages', async () => {
    await patient.page.getByRole('button', { name: 'Messages', exact: true }).click();
    await write(patient.page, 'said-by-patient');
    await desk.page.getByRole('tab', { name: /^Chat/ }).click();
    await write(desk.page, 'said-by-clinician');
    for (const { page } of [patient, desk]) {
      await expectShown(page, 'said-by-patient');
      await expectShown(page, 'said-by-clinician');
    }
    await patient.page.keyboard.press('Escape');
  });
  await test.step('a consultant is asked, and answers', async () => {
    const url = await invite(desk.page);
    await consultant.page.goto(url);
    await fillEveryField(consultant.page, 'asked');
    await consultant.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(consultant.page.getByText('Question to you')).toBeVisible();
    await expectShown(consultant.page, 'asked-1');
    await openPart(consultant.page, 'Opinion');
    await consultant.page.getByRole('textbox', { name: 'Your opinion' }).fill(hostile('opinion'));
    await expect(consultant.page.getByText(/^Saved \d/)).toBeVisible();
    await consultant.page.getByRole('button', { name: 'Sign the opinion' }).click();
    await fillEveryField(dialogOf(consultant.page), 'asked');
    await dialogOf(consultant.page).getByRole('button', { name: 'Sign', exact: true }).click();
    await expect(consultant.page.getByRole('heading', { name: 'Your opinion is signed' })).toBeVisible();
    await expectShown(desk.page, 'opinion');
  });
  const written: string[] = [];
  await test.step('the note is written and signed, with an addendum', async () => {
    written.push(...(await writeNote(desk.page)));
    await openPart(desk.page, 'Chart');
    await endVisit(desk.page);
    await sign(desk.page, await demoPassword());
    await actions(desk.page).getByRole('button', { name: 'Addendum' }).click();
    await fillEveryField(dialogOf(desk.page), 'addendum');
    await dialogOf(desk.page).getByLabel('Your password').fill(await demoPassword());
    await dialogOf(desk.page).getByRole('button', { name: 'Sign the addendum' }).click();
    await openPart(desk.page, 'Note');
    for (const mark of [...written, 'addendum-0']) await expectShown(desk.page, mark);
  });
  await test.step('the patient reads the plan, and both keep the PDF', async () => {
    await expect(patient.page.getByRole('heading', { level: 1, name: 'Your plan' })).toBeVisible();
    await expectShown(patient.page, 'opinion');
    await expectShown(patient.page, 'addendum-0');
    const pdf = await session.send('GET', `/api/visits/${visitId}/plan.pdf?lang=en`);
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
  });
  await test.step('searches look for it, and find what there is', async () => {
    await desk.page.goto(`${demo().http}/patients`);
    await desk.page.getByRole('searchbox').fill(hostile('nobody'));
    await expect(desk.page.getByText('No patient of your institution matches.')).toBeVisible();
    await desk.page.getByRole('searchbox').fill(hostile('taken-in-0').slice(0, 12));
    await expectShown(desk.page, 'taken-in-0');
  });
  await test.step('nothing ran, the server lives, and nothing is lost', async () => {
    for (const check of checks) await check();
    expect((await session.request.get(`${demo().http}/readyz`)).ok()).toBe(true);
    const after = await patientsOf(session);
    expect(after).toEqual(expect.arrayContaining(before));
    expect((await demoPeople()).length).toBeGreaterThan(5);
  });
});

function dialogOf(page: Page) {
  return page.getByRole('dialog');
}

/** The link that a dialog shows once. */
async function linkIn(page: Page): Promise<string> {
  const box = dialogOf(page).getByRole('textbox', { name: /^Link for/ });
  await expect(box).toHaveValue(/\/j\//);
  return box.inputValue();
}

async function patientsOf(session: Session): Promise<string[]> {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date());
  const { visits } = await session.ask<{ visits: { id: string }[] }>('GET', `/api/visits?day=${day}&zone=Asia/Shanghai`);
  return visits.map(({ id }) => id);
}

async function takeIn(page: Page): Promise<void> {
  const dialog = dialogOf(page);
  await dialog.getByRole('button', { name: 'New patient' }).click();
  await fillEveryField(dialog, 'taken-in');
  await dialog.getByLabel('Birth date').fill(BORN);
  await dialog.getByText('Female', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Add the patient' }).click();
  await expect(dialog.getByRole('button', { name: 'Start the walk-in' })).toBeVisible();
}

/** From the device check to the page that shows the answers once more; the marks of the answers. */
async function comeIn(page: Page): Promise<string[]> {
  const next = () => page.getByRole('button', { name: 'Continue', exact: true }).click();
  const question = (name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  const marks: string[] = [];
  await question('Check your camera and sound');
  await next();
  await question('Agree to a video visit');
  await fillEveryField(page, 'consent');
  await page.getByText('I have read this and I agree').click();
  await page.getByRole('button', { name: 'Agree and continue' }).click();
  await question('Why do you want to see the clinician?');
  marks.push(...(await fillEveryField(page, 'reason')));
  await next();
  await question('What do you have?');
  await page.getByText('Rash', { exact: true }).click();
  await next();
  await question('How long have you had it?');
  await page.getByLabel('How many?').fill('3');
  await next();
  await question('Where are you now?');
  marks.push(...(await fillEveryField(page, 'place')));
  await next();
  await question('How can we reach you?');
  marks.push(...(await fillEveryField(page, 'contact')));
  await next();
  await question('Do you have any of these now?');
  await page.getByText('None of these', { exact: true }).click();
  await next();
  await question('Check your answers');
  return marks;
}

async function write(page: Page, mark: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(hostile(mark));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

async function invite(page: Page): Promise<string> {
  await openPart(page, 'Opinion');
  await page.getByRole('button', { name: 'Invite a clinician' }).click();
  const dialog = dialogOf(page);
  await dialog.getByText('Somebody else, by link').click();
  await dialog.getByRole('button', { name: /Institution/ }).click();
  await page.getByRole('option').last().click();
  // The name comes first among the fields, as it does where the consultant repeats it.
  await fillEveryField(dialog, 'asked');
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const url = await linkIn(page);
  await dialog.getByRole('button', { name: 'Done' }).click();
  return url;
}

async function writeNote(page: Page): Promise<string[]> {
  await openPart(page, 'Note');
  const form = page.getByRole('form', { name: 'Note' });
  await form.getByRole('button', { name: 'Add a medicine' }).click();
  const marks = await fillEveryField(form, 'note');
  await form.getByRole('searchbox', { name: 'Add a diagnosis' }).pressSequentially('dermatitis');
  await page.getByRole('option').first().click();
  await form.getByText('Self-care at home', { exact: true }).click();
  await expect(page.getByText(/^Saved \d/).first()).toBeVisible();
  return marks;
}
