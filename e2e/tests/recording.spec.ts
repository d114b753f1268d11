import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { openPart, openVisit } from '../harness/clinician.ts';
import { arrive, become, inviteInto, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

/** What everybody sees of a recording. */
const mark = (page: Page) => page.locator('.call-recording');

async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.BIANQUE_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}

test('a voice message is said, listened to and sent, also when the line is lost', async ({ people }) => {
  test.setTimeout(120_000);
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'He Yun', birth_date: '1979-02-11', phone: '13700000091' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await openPart(clinician.page, 'Chat');
  await patient.page.locator('details summary').click();

  const say = async (page: Page, ms: number): Promise<void> => {
    await page.getByRole('button', { name: 'Say a message' }).click();
    const dialog = page.getByRole('dialog', { name: 'Voice message' });
    await expect(dialog.getByText('Recording. Speak now.')).toBeVisible();
    await page.waitForTimeout(ms);
    await keep(page, 'voice-recording');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(dialog.getByRole('slider', { name: 'Where in the message' })).toBeVisible();
    await expectAccessible(page);
    await keep(page, 'voice-review');
    await dialog.getByRole('button', { name: 'Send' }).click();
    await expect(dialog).toBeHidden();
  };
  await test.step('the patient says something, and the clinician hears it', async () => {
    await say(patient.page, 3_000);
    const clip = clinician.page.locator('.chat-message .clip').first();
    await expect(clip).toBeVisible();
    await expect(clip.locator('.numbers')).toHaveText(/0:0[23]/);
    await clip.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => clip.locator('audio').evaluate((sound: HTMLAudioElement) => sound.currentTime)).toBeGreaterThan(0.5);
    // It can be sought in, though what a recorder writes says nothing of its length.
    const length = await clip.locator('audio').evaluate((sound: HTMLAudioElement) => sound.duration);
    expect(length).toBeGreaterThan(2);
    expect(length).toBeLessThan(5);
    await clip.getByRole('slider').fill('2000');
    await expect.poll(() => clip.locator('audio').evaluate((sound: HTMLAudioElement) => sound.currentTime)).toBeGreaterThan(1.9);
    await expectAccessible(clinician.page);
    await keep(clinician.page, 'voice-clinician');
    await keep(patient.page, 'voice-patient');
  });
  await test.step('without a line it waits on the device, and goes when the line is back', async () => {
    await patient.context.setOffline(true);
    await say(patient.page, 1_500);
    await patient.page.getByLabel('Message', { exact: true }).fill('The line was gone');
    await patient.page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(patient.page.getByText('Waiting for the network').first()).toBeVisible();
    await keep(patient.page, 'voice-waiting');
    await patient.context.setOffline(false);
    await expect(clinician.page.locator('.chat-message .clip')).toHaveCount(2, { timeout: 20_000 });
    await expect(clinician.page.getByText('The line was gone')).toBeVisible();
    await expect(patient.page.getByText('Waiting for the network')).toHaveCount(0);
  });
  await test.step('the clinician answers in the same way', async () => {
    await say(clinician.page, 1_500);
    await expect(patient.page.locator('.chat-message .clip')).toHaveCount(3);
  });
});

test('a call is recorded when everybody agrees, until somebody no longer does, and is played from the record', async ({ people }) => {
  test.setTimeout(240_000);
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient', 'zh-CN');
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Qin Shu', birth_date: '1990-12-01', phone: '13700000092' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  await expectSeesAndHears(patient.page);
  await expectSeesAndHears(clinician.page);
  const recordings = async () =>
    (await session.ask<{ recordings: { state: string; files: { url: string; length_ms: number; size: number }[] }[] }>('GET', `/api/visits/${visit.visitId}/recordings`)).recordings;

  await test.step('the clinician asks, and nothing is recorded before the patient has answered', async () => {
    await mark(clinician.page).click();
    const dialog = clinician.page.getByRole('dialog', { name: 'Record this call?' });
    await expect(dialog.getByText(/recorded only while everybody in the call agrees/)).toBeVisible();
    await keep(clinician.page, 'recording-ask');
    await dialog.getByRole('button', { name: 'Ask everybody' }).click();
    await expect(mark(clinician.page)).toHaveText('Asking to record');
    await expect(patient.page.getByRole('dialog', { name: '是否同意录制本次通话？' })).toBeVisible();
    await expectAccessible(patient.page);
    await keep(patient.page, 'recording-question');
    expect((await recordings())[0]!.state).toBe('asked');
  });
  await test.step('the patient agrees: both see all the while that it runs', async () => {
    await patient.page.getByRole('button', { name: '我同意' }).click();
    await expect(mark(patient.page)).toHaveText('正在录制');
    await expect(mark(clinician.page)).toHaveText('Being recorded');
    await expectAccessible(clinician.page);
    await keep(patient.page, 'recording-patient');
    await keep(clinician.page, 'recording-clinician');
    await clinician.page.waitForTimeout(12_000);
  });
  await test.step('a newcomer pauses it until they agree', async () => {
    const consultant = await people.atDesk('consultant');
    const { url } = await inviteInto(session, visit, 'What is this?');
    await consultant.page.goto(url);
    await consultant.page.getByLabel('Your full name').fill('Dr Asked');
    await consultant.page.getByLabel('Registration number').fill('ANOTHER-7');
    await consultant.page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect(mark(clinician.page)).toHaveText('Recording paused', { timeout: 20_000 });
    await keep(clinician.page, 'recording-paused');
    await consultant.page.getByRole('button', { name: 'I agree' }).click();
    await expect(mark(clinician.page)).toHaveText('Being recorded');
    await clinician.page.waitForTimeout(4_000);
  });
  await test.step('the patient takes the consent back: it stops at once', async () => {
    await mark(patient.page).click();
    await patient.page.getByRole('button', { name: '停止录制' }).click();
    await expect(mark(patient.page)).toHaveCount(0);
    await expect(clinician.page.getByText('Recording has stopped')).toBeVisible();
    await expect.poll(async () => (await recordings())[0]!.state, { timeout: 20_000 }).toBe('ready');
    await expectSeesAndHears(patient.page);
  });
  await test.step('it is played from the record, everybody beside the others', async () => {
    await openPart(clinician.page, 'Recordings');
    const tiles = clinician.page.locator('.recording-tiles video');
    await expect(tiles).toHaveCount(3);
    const files = (await recordings())[0]!.files;
    await expect
      .poll(() => tiles.evaluateAll((all: HTMLVideoElement[]) => all.every((one) => one.readyState > 0 && one.videoWidth > 0)))
      .toBe(true);
    const lengths = await tiles.evaluateAll((all: HTMLVideoElement[]) => all.map((one) => one.duration * 1_000));
    for (const [place, length] of lengths.entries()) {
      expect(Math.abs(length - files[place]!.length_ms)).toBeLessThan(100);
    }
    expect(Math.max(...lengths)).toBeGreaterThan(14_000);
    await clinician.page.getByRole('button', { name: 'Play', exact: true }).click();
    await expect
      .poll(() => tiles.evaluateAll((all: HTMLVideoElement[]) => Math.min(...all.map((one) => one.currentTime))), { timeout: 15_000 })
      .toBeGreaterThan(2);
    // They are brought together while they play, and then stay so.
    const apart = (all: HTMLVideoElement[]): number => {
      const places = all.map((one) => one.currentTime);
      return Math.max(...places) - Math.min(...places);
    };
    await expect.poll(() => tiles.evaluateAll(apart), { intervals: [100], timeout: 10_000 }).toBeLessThan(0.08);
    const heard = await tiles.evaluateAll((all: HTMLVideoElement[]) =>
      all.map((one) => (one as HTMLVideoElement & { webkitAudioDecodedByteCount: number }).webkitAudioDecodedByteCount),
    );
    expect(heard.filter((bytes) => bytes > 1_000).length).toBeGreaterThanOrEqual(2);
    await clinician.page.getByRole('slider', { name: 'Where in the recording' }).fill('10000');
    await expect.poll(() => tiles.first().evaluate((one: HTMLVideoElement) => one.currentTime)).toBeGreaterThan(9.9);
    await expectAccessible(clinician.page);
    await keep(clinician.page, 'recording-player');
  });
  await test.step('another clinic plays nothing, and the patient neither', async () => {
    const url = `${demo().http}${(await recordings())[0]!.files[0]!.url}`;
    expect((await patient.context.request.get(url, { headers: { 'x-bianque-as': 'visit' } })).status()).toBe(403);
    const treating = await someClinician();
    const stranger = await become(await someClinician(treating.organization));
    expect((await stranger.send('GET', url.slice(demo().http.length))).status()).toBe(404);
  });
});

test('a no is heard by all, and nothing is recorded', async ({ people }) => {
  test.setTimeout(90_000);
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Bai Lu', birth_date: '1966-07-21', phone: '13700000093' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  await expect(mark(clinician.page)).toHaveText('Record');
  await mark(clinician.page).click();
  await clinician.page.getByRole('button', { name: 'Ask everybody' }).click();
  await patient.page.getByRole('button', { name: 'No, do not record' }).click();
  await expect(clinician.page.getByText('This call is not recorded')).toBeVisible();
  await openPart(clinician.page, 'Recordings');
  await expect(clinician.page.getByText('Not recorded: somebody did not agree.')).toBeVisible();
});
