import { expect, type BrowserContext, type Page } from '@playwright/test';
import { twoInCall } from '../harness/call.ts';
import { test } from '../harness/people.ts';
import { portOf } from '../harness/rungs.ts';
import { reception, receptionDuring, squeeze } from '../harness/squeeze.ts';

test.afterEach(() => squeeze.clear());

/** Waits until the page gets a picture whose shorter side has so many pixels; how long it took, s. */
async function untilPicture(page: Page, sidePx: number, withinMs: number): Promise<number> {
  const begun = Date.now();
  await expect.poll(async () => (await reception(page)).side, { timeout: withinMs, intervals: [200] }).toBeGreaterThanOrEqual(sidePx);
  return (Date.now() - begun) / 1000;
}

for (const [kbps, pictured] of [[400, true], [100, false]] as const) {
  test(`squeezed to ${kbps} kb/s the sound goes on, and released the picture is large again`, async ({ people }) => {
    const patient = (await twoInCall(people)).patient.page;
    await untilPicture(patient, 360, 30_000);
    // The size that this browser sends and this phone shows.
    await patient.waitForTimeout(8_000);
    const top = (await reception(patient)).side;
    const port = await portOf(patient);
    const squeezed = await receptionDuring(patient, async () => {
      squeeze.to(port, kbps);
      await patient.waitForTimeout(30_000);
    });
    const then = await reception(patient);
    await patient.waitForTimeout(3_000);
    const frames = (await reception(patient)).frames - then.frames;
    if (!pictured) await expect(patient.getByText('Picture paused to keep the sound')).toBeVisible();
    squeeze.clear();
    const back = await untilPicture(patient, top, 20_000);
    const concealed = squeezed.concealed / squeezed.samples;
    console.log(`${kbps} kb/s: ${(concealed * 100).toFixed(1)} % of the sound made up, ${frames / 3} frames/s of ${then.side} px, ${top} px ${back.toFixed(1)} s after release`);
    expect(concealed).toBeLessThan(0.03);
    expect(back).toBeLessThan(15);
    if (pictured) expect(frames).toBeGreaterThan(15);
  });
}

for (const redundancy of [false, true]) {
  test(`with 5 % loss, ${redundancy ? 'with' : 'without'} redundancy`, async ({ people }) => {
    const patient = (await twoInCall(people, redundancy ? {} : { prepare: withoutRedundancy })).patient.page;
    const port = await portOf(patient);
    const lossy = await receptionDuring(patient, async () => {
      squeeze.lose(port, 5);
      await patient.waitForTimeout(30_000);
    });
    const concealed = lossy.concealed / lossy.samples;
    console.log(`5 % loss ${redundancy ? 'with' : 'without'} redundancy: ${(concealed * 100).toFixed(2)} % of the sound made up`);
    expect(concealed).toBeLessThan(redundancy ? 0.02 : 0.12);
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
