import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { actions, eczema, endVisit, openPart, openVisit, sign, writeNote } from '../harness/clinician.ts';
import { arrive, become, demoPeople, letIn, someClinician, walkIn, type Booked, type DemoPerson } from '../harness/clinic.ts';
import { expectSeesAndHears, received } from '../harness/media.ts';
import { test, type Person } from '../harness/people.ts';
import { noisyJpeg, sendPhoto } from '../harness/photo.ts';
import { demo, demoPassword } from '../harness/ready.ts';

const QUESTION = 'Is this contact dermatitis, or should a biopsy be taken?';
const OPINION = 'Contact dermatitis. No biopsy is needed now; see again in two weeks.';
const REGISTRATION = 'CONS-4711';

test('a clinician of another institution gives an opinion, and reads no more once the visit is over', async ({ people }) => {
  test.setTimeout(150_000);
  const treating = await someClinician();
  const asked = await someClinician(treating.organization);
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const consultant = await people.atDesk('consultant');
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Qin Yue', birth_date: '1979-11-02', phone: '13700000021' });
  let link = '';

  await test.step('the call runs, with a photo', async () => {
    await arrive(patient.context.request, visit);
    await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
    await clinician.page.goto(`${demo().http}/work`);
    await openVisit(clinician.page, visit.visitId);
    await letIn(session, visit);
    await expectSeesAndHears(patient.page);
    await sendPhoto(patient.page, await noisyJpeg(patient.page, 300));
    await openPart(clinician.page, 'Photos');
    await expect(clinician.page.getByRole('button', { name: /^Open the photo/ })).toHaveCount(1);
    await patient.page.keyboard.press('Escape');
  });
  await test.step('the clinician invites', async () => {
    link = await invite(clinician.page, asked);
  });
  await test.step('the consultant comes in by the link', async () => {
    await comeIn(consultant.page, link, asked.name);
    await expectAccessible(consultant.page);
  });
  await test.step('three see and hear each other', async () => {
    for (const { page } of [patient, clinician, consultant]) await expectSeesAndHears(page);
    const before = await framesOfEach(consultant.page);
    await expect.poll(async () => grown(before, await framesOfEach(consultant.page))).toBe(2);
  });
  await test.step('the consultant reads the chart and the photo', async () => {
    const { page } = consultant;
    await expect(page.getByRole('heading', { name: 'Visits' })).toBeVisible();
    await expect(page.getByText(QUESTION)).toBeVisible();
    await openPart(page, 'Photos');
    const photo = page.getByRole('button', { name: /^Open the photo/ }).getByRole('img');
    await expect(photo).toHaveJSProperty('complete', true);
    await expect.poll(() => photo.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  });
  await test.step('an opinion is written, seen as a draft, refused to another number, and signed', async () => {
    await openPart(consultant.page, 'Opinion');
    await consultant.page.getByRole('textbox', { name: 'Your opinion' }).fill(OPINION);
    await expect(consultant.page.getByText(/^Saved \d/)).toBeVisible();
    await openPart(clinician.page, 'Opinion');
    await expect(clinician.page.getByText('Being written, not signed')).toBeVisible();
    await signOpinion(consultant.page, asked.name, 'ANOTHER-1');
    const dialog = consultant.page.getByRole('dialog');
    await expect(dialog.getByRole('alert')).toContainText('does not match');
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await signOpinion(consultant.page, asked.name, REGISTRATION);
    await expect(consultant.page.getByRole('heading', { name: 'Your opinion is signed' })).toBeVisible();
  });
  await test.step('the clinician reads it', async () => {
    await expect(clinician.page.getByText(OPINION)).toBeVisible();
    await expect(clinician.page.getByText('Opinion signed')).toBeVisible();
    await expectAccessible(clinician.page);
  });
  await test.step('the visit ends and is signed; the consultant reads no more', async () => {
    const cookie = await visitCookie(consultant, visit);
    expect(await statusesOf(consultant, visit, cookie)).toEqual([200, 200, 200, 200, 200, 200]);
    await writeNote(clinician.page, eczema);
    await openPart(clinician.page, 'Chart');
    await endVisit(clinician.page);
    await sign(clinician.page, await demoPassword());
    await expect(actions(clinician.page).getByRole('button', { name: 'Addendum' })).toBeVisible();
    await expect(consultant.page.getByText('This consultation is over')).toBeVisible();
    await expect(consultant.page.getByText(visit.patientName)).toHaveCount(0);
    await expectAccessible(consultant.page);
    expect(await statusesOf(consultant, visit, cookie)).toEqual([404, 404, 404, 404, 404, 404]);
    await consultant.page.reload();
    await expect(consultant.page.getByText('This consultation is over')).toBeVisible();
    await expect(consultant.page.getByText(visit.patientName)).toHaveCount(0);
  });
  await test.step('the patient reads the opinion with the plan', async () => {
    await expect(patient.page.getByText(OPINION)).toBeVisible();
  });
});

test('an invitation that was taken back lets nobody in', async ({ people }) => {
  const treating = (await demoPeople())[0]!;
  const asked = await someClinician(treating.organization);
  const clinician = await people.atDesk('clinician');
  const consultant = await people.atDesk('consultant');
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Qin Lan', birth_date: '1981-01-12', phone: '13700000022' });
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  const link = await invite(clinician.page, asked);
  await comeIn(consultant.page, link, asked.name);
  await clinician.page.getByRole('button', { name: /^Withdraw the invitation/ }).click();
  await clinician.page.getByRole('dialog').getByRole('button', { name: 'Withdraw', exact: true }).click();
  await expect(consultant.page.getByText('This consultation is over')).toBeVisible();
  await expect(consultant.page.getByText(visit.patientName)).toHaveCount(0);
  await consultant.page.goto(link);
  await expect(consultant.page.getByRole('heading', { level: 1, name: 'This link has been replaced' })).toBeVisible();
});

async function invite(page: Page, asked: DemoPerson): Promise<string> {
  await openPart(page, 'Opinion');
  await page.getByRole('button', { name: 'Invite a clinician' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Somebody else, by link').click();
  await dialog.getByRole('button', { name: /Institution/ }).click();
  await page.getByRole('option', { name: asked.organization }).click();
  await dialog.getByLabel('Name of the clinician').fill(asked.name);
  await dialog.getByLabel('Question').fill(QUESTION);
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Make the link' }).click();
  const link = dialog.getByRole('textbox', { name: `Link for ${asked.name}` });
  await expect(link).toHaveValue(/\/j\//);
  const url = await link.inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  return url;
}

async function comeIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await expect(page.getByText('You were invited to give an opinion')).toBeVisible();
  await page.getByLabel('Your full name').fill(name);
  await page.getByLabel('Registration number').fill(REGISTRATION);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  await expect(page.getByText('Question to you')).toBeVisible();
}

async function signOpinion(page: Page, name: string, registration: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign the opinion' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your name').fill(name);
  await dialog.getByLabel('Registration number').fill(registration);
  await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
}

async function visitCookie({ context }: Person, visit: Booked): Promise<string> {
  const cookies = await context.cookies(`${demo().http}/api/visits/${visit.visitId}`);
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** What the consultant's browser would be answered for everything that it reads. */
function statusesOf({ context }: Person, visit: Booked, cookie: string): Promise<number[]> {
  const parts = ['', '/chart', '/photos', '/note', '/opinion', '/chat'];
  const read = (part: string) =>
    context.request.get(`${demo().http}/api/visits/${visit.visitId}${part}`, {
      headers: { cookie, 'x-bianque-as': 'visit' },
    });
  return Promise.all(parts.map(async (part) => (await read(part)).status()));
}

/** Frames decoded of each picture that comes in. */
async function framesOfEach(page: Page): Promise<Map<string, number>> {
  expect((await received(page)).connected).toBe(true);
  return new Map(
    await page.evaluate(async () => {
      const frames: [string, number][] = [];
      for (const peer of window.bianquePeers ?? []) {
        if (peer.connectionState !== 'connected') continue;
        (await peer.getStats()).forEach((entry) => {
          if (entry.type === 'inbound-rtp' && entry.kind === 'video') frames.push([entry.id, entry.framesDecoded ?? 0]);
        });
      }
      return frames;
    }),
  );
}

function grown(before: Map<string, number>, now: Map<string, number>): number {
  return [...now].filter(([id, frames]) => frames > (before.get(id) ?? 0)).length;
}
