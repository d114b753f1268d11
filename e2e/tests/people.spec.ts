import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, inviteGuest, letIn, someClinician, walkIn, type Booked, type Session } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test, type Person } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { heard, humAt } from '../harness/tone.ts';

/** What each of them sounds like, Hz. */
const VOICE = { clinician: 310, patient: 530, family: 750, interpreter: 970 };

test.use({ actionTimeout: 40_000, navigationTimeout: 40_000 });

/** A call of several on two cores takes its time. */
const SOON = { timeout: 30_000 };

interface Visit {
  session: Session;
  visit: Booked;
  clinician: Person;
  patient: Person;
}

test('family and an interpreter come by link, are let in, heard, muted, removed and locked out', async ({ people }) => {
  test.setTimeout(400_000);
  const { session, visit, clinician, patient } = await inCall(people, 'Qin Yi', '13700000081');
  const family = await people.withPhone('family');
  const interpreter = await people.atDesk('interpreter');
  await humAt(family.context, VOICE.family);
  await humAt(interpreter.context, VOICE.interpreter);
  let link = '';

  await test.step('the clinician invites family by link', async () => {
    const { page } = clinician;
    await page.getByRole('tab', { name: 'People' }).click();
    await page.getByRole('button', { name: 'Invite by link' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Their name').fill('Qin Bo');
    await dialog.getByRole('button', { name: /What are they to the patient/ }).click();
    await page.getByRole('option', { name: 'Daughter or son' }).click();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const box = dialog.getByRole('textbox', { name: 'Link for Qin Bo' });
    await expect(box).toHaveValue(/\/j\//);
    link = await box.inputValue();
    await dialog.getByRole('button', { name: 'Done' }).click();
  });
  await test.step('the family opens it, is not told whose visit it is, and waits for themselves', async () => {
    const { page } = family;
    await page.goto(link);
    await expect(page.getByText("You were invited into somebody's visit as family")).toBeVisible();
    await expect(page.getByText(visit.patientName)).toHaveCount(0);
    await page.getByLabel('Your full name').fill('Somebody Else');
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(page.getByText(/does not match/).first()).toBeVisible();
    await comeIn(page, 'Qin Bo');
    await expect(page.getByRole('heading', { level: 1, name: 'Waiting to be let in' })).toBeVisible();
    await expectAccessible(page);
    await expect(page.getByText(visit.patientName)).toHaveCount(0);
    expect(await voices(patient.page)).toEqual([VOICE.clinician]);
  });
  await test.step('the clinician sees who waits and lets them in', async () => {
    await expect(clinician.page.getByText('1 person waits to be let in')).toBeVisible();
    await expectAccessible(clinician.page);
    await clinician.page.getByRole('button', { name: 'Let Qin Bo in', exact: true }).click();
    await expectSeesAndHears(family.page, 30_000);
    // Seen once; from here on it is about voices, and four cameras cost two cores.
    for (const { page } of [family, patient]) await page.getByRole('button', { name: /^Camera, on/ }).click();
    for (const { page } of [clinician, patient]) await expect.poll(() => voices(page), SOON).toContain(VOICE.family);
    await expect.poll(() => voices(family.page), SOON).toEqual([VOICE.clinician, VOICE.patient]);
  });
  await test.step('an interpreter comes in, and is heard by all until they speak into a language', async () => {
    const invited = await inviteGuest(session, visit, { role: 'interpreter', name: 'Mei Lin', languages: ['en', 'zh'] });
    await interpreter.page.goto(invited.url);
    await comeIn(interpreter.page, 'Mei Lin');
    await clinician.page.getByRole('button', { name: 'Let Mei Lin in', exact: true }).click();
    await interpreter.page.getByRole('button', { name: /^Camera, on/ }).click();
    for (const { page } of [clinician, patient, family]) await expect.poll(() => voices(page), SOON).toContain(VOICE.interpreter);
  });
  await test.step('the patient chooses Chinese: the interpreter is heard by the patient alone, and all see it', async () => {
    await patient.page.getByRole('group', { name: 'You hear' }).getByRole('button', { name: 'Chinese' }).click();
    const speaks = interpreter.page.getByRole('group', { name: 'You speak to' });
    await expect(speaks.getByRole('button', { name: /Chinese · 1 listens/ })).toBeVisible();
    await speaks.getByRole('button', { name: /Chinese/ }).click();
    await expect.poll(() => voices(clinician.page), SOON).toEqual([VOICE.patient, VOICE.family]);
    await expect.poll(() => voices(patient.page), SOON).toEqual([VOICE.clinician, VOICE.family, VOICE.interpreter]);
    // The original is behind the interpreter.
    await expect.poll(() => volumes(patient.page), SOON).toEqual([0.15, 0.15, 1]);
    await expect(clinician.page.getByText('Hears Chinese')).toBeVisible();
    await expect(clinician.page.getByText('Speaks into Chinese')).toBeVisible();
    await expectAccessible(patient.page);
    await speaks.getByRole('button', { name: 'Everyone' }).click();
    await expect.poll(() => voices(clinician.page), SOON).toContain(VOICE.interpreter);
    await expect.poll(() => volumes(patient.page), SOON).toEqual([1, 1, 1]);
  });
  await test.step('the clinician mutes the family; only they can be heard again by their own press', async () => {
    await act(clinician.page, 'Qin Bo', 'Mute for everybody');
    await expect(family.page.getByText('The clinician has muted you')).toBeVisible();
    for (const { page } of [clinician, patient]) await expect.poll(() => voices(page), SOON).not.toContain(VOICE.family);
    // The page is not believed: whatever it does with the microphone, nothing is passed on.
    await family.page.getByRole('button', { name: /^Microphone/ }).click();
    await family.page.getByRole('button', { name: /^Microphone/ }).click();
    expect(await voices(patient.page)).not.toContain(VOICE.family);
    await act(clinician.page, 'Qin Bo', 'Ask to speak');
    await expectAccessible(family.page);
    await family.page.getByRole('button', { name: 'Turn my microphone on' }).click();
    for (const { page } of [clinician, patient]) await expect.poll(() => voices(page), SOON).toContain(VOICE.family);
  });
  await test.step('the room is locked: a new link waits outside, who is in stays in through a reload', async () => {
    await clinician.page.getByRole('button', { name: 'Lock the room' }).click();
    await expect(clinician.page.getByText('The room is locked')).toBeVisible();
    const aunt = await people.withPhone('aunt');
    const invited = await inviteGuest(session, visit, { role: 'family', name: 'Qin Cai', relationship: 'FAMMEMB' });
    await aunt.page.goto(invited.url);
    await expect(aunt.page.getByText('The visit is locked at the moment')).toBeVisible();
    await aunt.page.getByLabel('Your full name').fill('Qin Cai');
    await aunt.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(aunt.page.getByText('The visit is locked at the moment')).toBeVisible();
    await family.page.reload();
    await expect.poll(() => voices(family.page), SOON).toContain(VOICE.clinician);
    await clinician.page.getByRole('button', { name: 'Unlock the room' }).click();
    await comeIn(aunt.page, 'Qin Cai');
    await clinician.page.getByRole('button', { name: 'Do not let Qin Cai in' }).click();
    await expect(aunt.page.getByRole('heading', { name: 'You were not let in' })).toBeVisible();
  });
  await test.step('the family is removed, and the link leads nowhere', async () => {
    await act(clinician.page, 'Qin Bo', 'Remove from the visit');
    await expect(family.page.getByRole('heading', { name: 'You are no longer in this visit' })).toBeVisible();
    await expect.poll(() => voices(patient.page), SOON).not.toContain(VOICE.family);
    await family.page.goto(link);
    await expect(family.page.getByRole('heading', { level: 1, name: 'This link has been replaced' })).toBeVisible();
  });
  await test.step('what happened is written down, and the visit ends for all', async () => {
    await clinician.page.getByText('What happened').click();
    for (const line of ['Qin Bo was let in', 'Qin Bo was muted', 'The room was locked', 'Qin Cai was not let in', 'Qin Bo was removed', `${visit.patientName} hears: Chinese`]) {
      await expect(clinician.page.getByText(line)).toBeVisible();
    }
    await session.ask('POST', `/api/visits/${visit.visitId}/end`, { reason: 'done' });
    await expect(interpreter.page.getByRole('heading', { name: 'The visit is over' })).toBeVisible();
  });
});

test('an observer is in by the word of the patient, and out by it', async ({ people }) => {
  test.setTimeout(300_000);
  const { session, visit, clinician, patient } = await inCall(people, 'Qin Er', '13700000082');
  const observer = await people.atDesk('observer');
  const invited = await inviteGuest(session, visit, { role: 'observer', name: 'Student Wu' });
  await observer.page.goto(invited.url);
  await comeIn(observer.page, 'Student Wu');
  await expect(observer.page.getByText('The patient is asked whether you may look on.')).toBeVisible();
  await expect(clinician.page.getByRole('button', { name: 'Let Student Wu in', exact: true })).toBeDisabled();
  await expect(patient.page.getByText('May Student Wu look on?')).toBeVisible();
  await expectAccessible(patient.page);
  await patient.page.getByRole('button', { name: 'Yes, they may' }).click();
  await clinician.page.getByRole('button', { name: 'Let Student Wu in', exact: true }).click();
  await expectSeesAndHears(observer.page, 30_000);
  // And no longer.
  await patient.page.getByRole('button', { name: /3 here/ }).click();
  await patient.page.getByRole('button', { name: 'What to do about Student Wu' }).click();
  await patient.page.getByRole('menuitem', { name: 'Do not let them look on' }).click();
  await expect(observer.page.getByRole('heading', { name: 'You are no longer in this visit' })).toBeVisible();
});

async function inCall(people: { atDesk(name: string): Promise<Person>; withPhone(name: string): Promise<Person> }, name: string, phone: string): Promise<Visit> {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  await humAt(clinician.context, VOICE.clinician);
  await humAt(patient.context, VOICE.patient);
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name, birth_date: '1979-11-02', phone });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  await expectSeesAndHears(patient.page, 30_000);
  return { session, visit, clinician, patient };
}

/** From the link, or from where its page stands, up to the lobby. */
async function comeIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your full name').fill(name);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Hello, ${name}` })).toBeVisible();
  await page.getByRole('button', { name: 'Turn on camera and microphone' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Ask to be let in' }).click();
  await expect(page.getByText('Agree to the text to go on')).toBeVisible();
  await page.getByText('I have read this and agree').click();
  await page.getByRole('button', { name: 'Ask to be let in' }).click();
}

async function act(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `What to do about ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

/** Whose voices the page plays now, by their frequency. */
async function voices(page: Page): Promise<number[]> {
  const known = Object.values(VOICE);
  const peaks = await heard(page);
  return peaks.map((peak) => known.find((voice) => Math.abs(voice - peak) < 15) ?? Math.round(peak)).sort((a, b) => a - b);
}

/** How loud the page plays the others, quietest first. */
function volumes(page: Page): Promise<number[]> {
  return page.evaluate(() => [...document.querySelectorAll('audio')].map(({ volume }) => volume).sort((a, b) => a - b));
}
