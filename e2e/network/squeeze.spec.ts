import { expect, type BrowserContext, type Page } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { type People, test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { portOf, reception, squeeze } from '../harness/squeeze.ts';

test.afterEach(() => squeeze.clear());

/** A call of a patient with a phone and a clinician at a desk. */
async function call(people: People, prepare: (context: BrowserContext) => Promise<void> = async () => undefined): Promise<{ patient: Page; clinician: Page }> {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  for (const one of [clinician, patient]) await prepare(one.context);
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Wu Lan', birth_date: '1966-02-14', phone: '13700000046' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  for (const page of [patient.page, clinician.page]) await expectSeesAndHears(page);
  return { patient: patient.page, clinician: clinician.page };
}

/** Waits until the page gets a picture whose shorter side has so many pixels; how long it took, s. */
async function untilPicture(page: Page, sidePx: number, withinMs: number): Promise<number> {
  const begun = Date.now();
  await expect.poll(async () => (await reception(page)).side, { timeout: withinMs, intervals: [200] }).toBeGreaterThanOrEqual(sidePx);
  return (Date.now() - begun) / 1000;
}

/** Part of the sound that was made up while something happened, and the frames that came meanwhile. */
async function during(page: Page, happens: () => Promise<void>): Promise<{ concealed: number; frames: number }> {
  const before = await reception(page);
  await happens();
  const after = await reception(page);
  return { concealed: (after.concealed - before.concealed) / (after.samples - before.samples), frames: after.frames - before.frames };
}

for (const [kbps, pictured] of [[400, true], [100, false]] as const) {
  test(`squeezed to ${kbps} kb/s the sound goes on, and released the picture is large again`, async ({ people }) => {
    const { patient } = await call(people);
    await untilPicture(patient, 360, 30_000);
    // The size that this browser sends and this phone shows.
    await patient.waitForTimeout(8_000);
    const top = (await reception(patient)).side;
    const port = await portOf(patient);
    const squeezed = await during(patient, async () => {
      squeeze.to(port, kbps);
      await patient.waitForTimeout(30_000);
    });
    const then = await reception(patient);
    await patient.waitForTimeout(3_000);
    const frames = (await reception(patient)).frames - then.frames;
    if (!pictured) await expect(patient.getByText('Picture paused to keep the sound')).toBeVisible();
    squeeze.clear();
    const back = await untilPicture(patient, top, 20_000);
    const percent = (squeezed.concealed * 100).toFixed(1);
    console.log(`${kbps} kb/s: ${percent} % of the sound made up, ${frames / 3} frames/s of ${then.side} px, ${top} px ${back.toFixed(1)} s after release`);
    expect(squeezed.concealed).toBeLessThan(0.03);
    expect(back).toBeLessThan(15);
    if (pictured) expect(frames).toBeGreaterThan(15);
  });
}

for (const redundancy of [false, true]) {
  test(`with 5 % loss, ${redundancy ? 'with' : 'without'} redundancy`, async ({ people }) => {
    const { patient } = await call(people, (context) => (redundancy ? Promise.resolve() : withoutRedundancy(context)));
    const port = await portOf(patient);
    const lossy = await during(patient, async () => {
      squeeze.lose(port, 5);
      await patient.waitForTimeout(30_000);
    });
    console.log(`5 % loss ${redundancy ? 'with' : 'without'} redundancy: ${(lossy.concealed * 100).toFixed(2)} % of the sound made up`);
    expect(lossy.concealed).toBeLessThan(redundancy ? 0.02 : 0.12);
  });
}

/** Leaves redundancy out of what pages of the context offer. */
async function withoutRedundancy(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const add = RTCPeerConnection.prototype.addTransceiver;
    RTCPeerConnection.prototype.addTransceiver = function (...given) {
      const transceiver = add.apply(this, given);
      const kind = typeof given[0] === 'string' ? given[0] : given[0].kind;
      const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
      if (kind === 'audio') transceiver.setCodecPreferences(codecs.filter((codec) => codec.mimeType !== 'audio/red'));
      return transceiver;
    };
  });
}
