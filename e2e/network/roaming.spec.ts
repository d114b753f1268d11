import { expect, type Page } from '@playwright/test';
import { twoInCall } from '../harness/call.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/roaming.ts';
import { portOf } from '../harness/rungs.ts';
import { squeeze } from '../harness/squeeze.ts';

/** How long a phone is without any network between two of them, s. */
const WITHOUT = [0, 1, 3, 8] as const;
const GOAL_MS = 2_000;
/** What must hold on a machine that is busy with other things as well. */
const MOST_MS = 4_000;

test.afterEach(() => squeeze.clear());

test('a phone that goes from one network to another, with another address, is back in its call at once', async ({ roaming, people }) => {
  const { patient, clinician } = await twoInCall(people, { phone: roaming.browser, prepare: (context) => context.addInitScript(keepCandidates) });
  const pages = [patient.page, clinician.page];
  const events = watch(patient.page);
  const figures: Record<string, number> = {};
  let place: 0 | 1 = 0;
  for (const seconds of WITHOUT) {
    await test.step(`after ${seconds} s without a network`, async () => {
      place = place === 0 ? 1 : 0;
      roaming.leave();
      await patient.page.waitForTimeout(seconds * 1000);
      roaming.enter(place);
      const works = Date.now();
      const back = await flowAfter(pages);
      figures[`${seconds} s`] = Math.max(back.heard, back.seen) - works;
      console.log(
        `${seconds} s without a network: both hear ${back.heard - works} and see ${back.seen - works} ms after the new address works; ` +
          `${events.since(works)}, ${await candidatesSince(patient.page, works)}`,
      );
      expect(figures[`${seconds} s`]).toBeLessThan(MOST_MS);
      for (const page of pages) await expectSeesAndHears(page);
      // Until all has calmed down, the way of a call that lasts.
      await patient.page.waitForTimeout(6_000);
    });
  }
  const late = Object.values(figures).filter((ms) => ms > GOAL_MS).length;
  console.log(`another address: ${JSON.stringify(figures)} ms, ${late} of ${WITHOUT.length} over ${GOAL_MS}`);
});

test('a path that a router has forgotten is found to be dead at once, and another is made by ICE restart', async ({ people }) => {
  const { patient, clinician } = await twoInCall(people);
  const pages = [patient.page, clinician.page];
  const connections = () => Promise.all(pages.map((page) => page.evaluate(() => window.bianquePeers?.length)));
  const before = await connections();
  const [heard, seen]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3; round += 1) {
    await patient.page.waitForTimeout(5_000);
    const port = await portOf(patient.page);
    squeeze.cut(port);
    const cut = Date.now();
    const back = await flowAfter(pages);
    heard.push(back.heard - cut);
    seen.push(back.seen - cut);
    expect(await portOf(patient.page)).not.toBe(port);
  }
  squeeze.clear();
  console.log(`ICE restart: both hear ${heard.join(', ')} and see ${seen.join(', ')} ms after the path was cut`);
  expect(Math.max(...heard, ...seen)).toBeLessThan(MOST_MS);
  // The connection and its tracks are the same as before.
  expect(await connections()).toEqual(before);
});

/** What the page does about its network, and when. */
function watch(page: Page): { since(from: number): string } {
  const seen: [string, number][] = [];
  page.on('websocket', (socket) => {
    const name = new URL(socket.url()).pathname.split('/').at(-1);
    seen.push([`${name} begun`, Date.now()]);
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).startsWith('{"t":"hello"') || String(payload).includes('"t":"hello"')) seen.push([`${name} greeted`, Date.now()]);
    });
  });
  return { since: (from) => seen.filter(([, at]) => at > from - 2_000).map(([what, at]) => `${what} ${at - from}`).join(', ') };
}

declare global {
  interface Window {
    bianqueCandidates?: { address: string; at: number }[];
  }
}

/** Runs in the page, before anything of its own: keeps which addresses the browser finds, and when. */
function keepCandidates(): void {
  const found: { address: string; at: number }[] = [];
  window.bianqueCandidates = found;
  const Watched = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Watched {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.protocol === 'udp' && candidate.address) found.push({ address: candidate.address, at: Date.now() });
      });
    }
  };
}

/** No call can be back before the browser itself knows of the address. */
async function candidatesSince(page: Page, from: number): Promise<string> {
  const found = (await page.evaluate(() => window.bianqueCandidates)) ?? [];
  return found.filter(({ at }) => at > from - 2_000).map(({ address, at }) => `${address} found ${at - from}`).join(', ');
}

interface Back {
  heard: number;
  seen: number;
}

/** The moments from which sound and pictures come in at all of these pages; a minute later when they never do. */
async function flowAfter(pages: Page[]): Promise<Back> {
  const each = await Promise.all(pages.map(flowsAfter));
  return { heard: Math.max(...each.map(({ heard }) => heard)), seen: Math.max(...each.map(({ seen }) => seen)) };
}

function flowsAfter(page: Page): Promise<Back> {
  return page.evaluate(async () => {
    interface Counts {
      framesReceived: number;
      framesDecoded: number;
      packets: number;
      played: number;
    }
    const look = async (): Promise<Map<string, Counts>> => {
      const counts = new Map<string, Counts>();
      for (const [index, peer] of (window.bianquePeers ?? []).entries()) {
        if (peer.connectionState === 'closed') continue;
        (await peer.getStats()).forEach((entry) => {
          if (entry.type !== 'inbound-rtp') return;
          const sound = entry.kind === 'audio';
          counts.set(`${index} ${entry.id}`, {
            framesReceived: entry.framesReceived ?? 0,
            framesDecoded: entry.framesDecoded ?? 0,
            packets: sound ? (entry.packetsReceived ?? 0) : 0,
            played: sound ? (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0) : 0,
          });
        });
      }
      return counts;
    };
    const begun = Date.now();
    let last = await look();
    const grown = new Map<string, Counts>();
    const back = { heard: 0, seen: 0 };
    while (!back.heard || !back.seen) {
      const now = await look();
      for (const [id, counts] of now) {
        const [before, sum] = [last.get(id), grown.get(id) ?? { framesReceived: 0, framesDecoded: 0, packets: 0, played: 0 }];
        for (const name of Object.keys(sum) as (keyof Counts)[]) {
          // With the answer to a restart a browser begins some lines anew, and counts them from nothing under the same name.
          const from = before && before[name] <= counts[name] ? before[name] : 0;
          sum[name] += counts[name] - from;
        }
        grown.set(id, sum);
      }
      last = now;
      const most = (name: keyof Counts): number => Math.max(0, ...[...grown.values()].map((sum) => sum[name]));
      const late = Date.now() - begun > 60_000;
      // A tenth of a second of sound that nobody made up, and two pictures.
      if (late || (most('packets') >= 5 && most('played') >= 4_800)) back.heard ||= Date.now();
      if (late || (most('framesReceived') >= 2 && most('framesDecoded') >= 2)) back.seen ||= Date.now();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    return back;
  });
}
