import { expect } from '@playwright/test';
import { twoMeet } from '../harness/call.ts';
import { delaysOf, heardBy, listen, saidBy, speakTones, type Delays } from '../harness/ear.ts';
import { busiest, clearLines, leaveHttps, linesOfPhone, listenToStats } from '../harness/lines.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/roaming.ts';
import { receptionDuring } from '../harness/squeeze.ts';

const SECONDS = 20;
const SOUND_ONLY = 'Sound only: your network blocks or loses video. We keep trying.';

test.afterEach(() => clearLines());

test('from mouth to ear by WebRTC, and by sound alone under loss', async ({ roaming, people }) => {
  test.setTimeout(420_000);
  const { patient, clinician } = await twoMeet(people, {
    phone: roaming.browser,
    prepare: async (context) => {
      await speakTones(context);
      // TURN in TLS is at the port of HTTPS, and a packet filter cannot tell them apart.
      await context.addInitScript(withoutRelays);
    },
  });
  const told = listenToStats(patient.page);
  const pages = { phone: patient.page, desk: clinician.page };
  const wait = (seconds: number) => patient.page.waitForTimeout(seconds * 1000);

  await test.step('over WebRTC', async () => {
    // The socket of the page that is there already was opened before it was listened to.
    await patient.page.reload();
    for (const page of Object.values(pages)) await expectSeesAndHears(page);
    for (const page of Object.values(pages)) await listen(page, 'the other');
    await wait(5);
    figure('WebRTC over UDP, no loss', await between(pages, () => wait(SECONDS)));
  });
  for (const percent of [0, 5, 10]) {
    await test.step(`by sound alone, ${percent} % lost`, async () => {
      leaveHttps(percent);
      await expect(patient.page.locator('.call-network').first()).toHaveText(SOUND_ONLY, { timeout: 40_000 });
      await wait(10);
      const [lines, begun] = [linesOfPhone(), Date.now()];
      let delays = {} as Awaited<ReturnType<typeof between>>;
      const desk = await receptionDuring(clinician.page, async () => {
        delays = await between(pages, () => wait(SECONDS));
      });
      const ms = Date.now() - begun;
      const wire = busiest(lines, linesOfPhone(), ms);
      await wait(6);
      const windows = told.filter(({ from, to }) => from >= begun - 500 && to <= begun + ms + 5_500);
      const sum = (of: 'up' | 'down' | 'concealed' | 'total'): number => windows.reduce((whole, window) => whole + window[of], 0);
      const heardMs = windows.reduce((whole, { from, to }) => whole + to - from, 0);
      const percentOf = (part: number, whole: number): string => ((part * 100) / Math.max(1, whole)).toFixed(2);
      const kbps = (bytes: number): string => ((bytes * 8) / heardMs).toFixed(1);
      figure(`sound alone, ${percent} % lost`, delays);
      console.log(
        `  Opus ${kbps(sum('up'))} up, ${kbps(sum('down'))} down; on the wire ${wire.upKbps.toFixed(1)} up, ${wire.downKbps.toFixed(1)} down kb/s; ` +
          `made up: ${percentOf(sum('concealed'), sum('total'))} % at the phone, ${percentOf(desk.concealed, desk.samples)} % at the desk`,
      );
      for (const { heard, said, p95 } of Object.values(delays)) {
        expect(heard).toBeGreaterThan(said * 0.6);
        expect(p95).toBeLessThan(1_800);
      }
    });
  }
  await test.step('the floor: a page that hears its own microphone without anything between', async () => {
    clearLines();
    await patient.page.reload();
    await expectSeesAndHears(patient.page, 60_000);
    await listen(patient.page, 'oneself');
    await wait(3);
    const begun = Date.now();
    await wait(15);
    const { page } = patient;
    line('the floor', delaysOf(await saidBy(page), await heardBy(page), begun, Date.now() - 2_000));
  });
});

type Ends = Record<'phone' | 'desk', Parameters<typeof saidBy>[0]>;

/** Both ways at once. */
async function between(pages: Ends, happens: () => Promise<void>): Promise<Record<'up' | 'down', Delays>> {
  const begun = Date.now();
  await happens();
  const ended = Date.now() - 2_000;
  const [phone, desk] = [pages.phone, pages.desk];
  return {
    up: delaysOf(await saidBy(phone), await heardBy(desk), begun, ended),
    down: delaysOf(await saidBy(desk), await heardBy(phone), begun, ended),
  };
}

function figure(name: string, { up, down }: Record<'up' | 'down', Delays>): void {
  line(`${name}, phone to desk`, up);
  line(`${name}, desk to phone`, down);
}

function line(name: string, { p50, p95, said, heard }: Delays): void {
  console.log(`${name}: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${heard} of ${said} tones`);
}

/** Runs in the page: no relay is asked for. */
function withoutRelays(): void {
  const Watched = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Watched {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceServers: [] });
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      super.setConfiguration({ ...configuration, iceServers: [] });
    }
  };
}
