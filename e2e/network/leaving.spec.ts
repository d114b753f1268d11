import fs from 'node:fs';
import { expect, type BrowserContext, type Page } from '@playwright/test';
import { twoMeet, type Two } from '../harness/call.ts';
import { become, guestWaits, inviteGuest, someone, type Session } from '../harness/clinic.ts';
import { test, type People, type Person } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { expectHearsAll, humAt } from '../harness/tone.ts';

/** A call whose people leave and come back. */
interface Story {
  count: number;
  /** What everybody's page is set to; of the pictures of patient and clinician the smallest are sent, or none. */
  use: 'saver' | 'sound';
}

/** So many pages with pictures are what two cores can do; eight can be had on them with voices alone. */
const STORIES: Record<string, Story> = {
  'five people, two with a picture': { count: 5, use: 'saver' },
  'eight people, with voices alone': { count: 8, use: 'sound' },
};
const ROUNDS = 50;
/** When most of what is made once has been made. */
const SETTLED_AFTER = 10;
/** What the process may have grown by between then and the end, MiB: far less than a session that is kept takes, 40 times. */
const GROWTH_MIB = 12;
/** Each hums at a frequency of their own: so far apart, from this one on, Hz. */
const [LOWEST, APART] = [300, 150];

test.use({ actionTimeout: 40_000, navigationTimeout: 40_000 });

for (const [who, story] of Object.entries(STORIES)) {
  test(`${who}, of whom one after the other leaves and comes back fifty times: nothing is left behind`, async ({ people }) => {
    test.setTimeout(story.count * 240_000);
    const pages = await allComeIn(people, story);
    const administrator = await become(await someone('administrator'));
    for (const page of pages) await expectHearsAllOthers(page, pages);
    let settled = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const page = pages[2 + (round % (pages.length - 2))]!;
      // By turns with a while in between, and at once.
      if (round % 2 === 0) await leaveAndComeBack(page);
      else await page.reload();
      await expectHearsAllOthers(page, pages);
      await expectHearsAllOthers(pages[round % pages.length]!, pages);
      if (round === SETTLED_AFTER) settled = await memoryWhenQuiet(administrator, story.count);
    }
    for (const page of pages) await expectHearsAllOthers(page, pages);
    for (const page of pages) {
      // One's own sound and picture, and those of all others; pictures that are not shown have a line that rests.
      const others = story.count - 1;
      expect(await linesOf(page)).toEqual({ connections: 1, lines: 2 * story.count, voices: others, sounds: others });
    }
    const grown = (await memoryWhenQuiet(administrator, story.count)) - settled;
    console.log(`${who}: ${ROUNDS} left and came back: the server has ${settled.toFixed(1)} MiB after ${SETTLED_AFTER}, ${grown.toFixed(1)} more at the end`);
    expect(grown).toBeLessThan(GROWTH_MIB);
  });
}

/** Patient, clinician and their guests, each of whom hums; the pages, in this order. */
async function allComeIn(people: People, { count, use }: Story): Promise<Page[]> {
  let number = 0;
  const prepare = async (context: BrowserContext, wanted: Story['use']): Promise<void> => {
    await humAt(context, humOf(number));
    number += 1;
    await context.addInitScript((stored) => localStorage.setItem('bianque.data-use', stored), wanted);
  };
  // Clinician, then patient.
  const two = await twoMeet(people, { prepare: (context) => prepare(context, use) });
  const pages = [two.clinician.page, two.patient.page];
  for (const page of pages) await expectHearsSome(page);
  while (pages.length < count) {
    const guest = await people.atDesk(`guest ${pages.length}`);
    await prepare(guest.context, 'sound');
    await guestComes(guest, two, pages.length);
    pages.push(guest.page);
  }
  return pages;
}

const humOf = (place: number): number => LOWEST + APART * place;

async function guestComes(guest: Person, { session, visit }: Two, number: number): Promise<void> {
  const name = `Wu Qi ${number}`;
  const { id, url } = await inviteGuest(session, visit, { role: 'family', name, relationship: 'FAMMEMB' });
  await guestWaits(guest.context.request, visit, url, name);
  await session.ask('POST', `/api/visits/${visit.visitId}/guests/${id}/admit`);
  await guest.page.goto(`${demo().http}/v/${visit.visitId}/guest`);
  await expectHearsSome(guest.page);
}

async function leaveAndComeBack(page: Page): Promise<void> {
  const at = page.url();
  await page.goto('about:blank');
  await page.goto(at);
}

const expectHearsSome = (page: Page) => expect.poll(() => voices(page), { timeout: 40_000, message: 'somebody is heard' }).toBeGreaterThan(0);

/** Sound of all others comes in, and each of them is heard, by their own hum. */
async function expectHearsAllOthers(page: Page, pages: Page[]): Promise<void> {
  await expect.poll(() => voices(page), { timeout: 40_000, message: 'all others are heard' }).toBe(pages.length - 1);
  const others = pages.flatMap((other, place) => (other === page ? [] : [humOf(place)]));
  await expectHearsAll(page, others, 40_000);
}

/** From how many others sound comes in now. */
function voices(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const count = async (): Promise<Map<string, number>> => {
      const packets = new Map<string, number>();
      for (const peer of window.bianquePeers ?? []) {
        if (peer.connectionState !== 'connected') continue;
        (await peer.getStats()).forEach((entry) => {
          if (entry.type === 'inbound-rtp' && entry.kind === 'audio') packets.set(entry.id, entry.packetsReceived ?? 0);
        });
      }
      return packets;
    };
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 400));
    return [...(await count())].filter(([id, packets]) => packets > (before.get(id) ?? packets)).length;
  });
}

/** What a page holds of its call. */
function linesOf(page: Page): Promise<Record<'connections' | 'lines' | 'voices' | 'sounds', number>> {
  return page.evaluate(() => {
    const open = (window.bianquePeers ?? []).filter((peer) => peer.connectionState !== 'closed');
    const lines = open.flatMap((peer) => peer.getTransceivers());
    const voices = lines.filter(({ currentDirection, receiver }) => {
      return currentDirection === 'recvonly' && receiver.track.kind === 'audio' && receiver.track.readyState === 'live';
    });
    const playing = (element: HTMLAudioElement): boolean => (element.srcObject as MediaStream | null)?.active ?? false;
    return {
      connections: open.length,
      lines: lines.length,
      voices: voices.length,
      sounds: [...document.querySelectorAll('audio')].filter(playing).length,
    };
  });
}

/** Resident memory of the server once its sessions are those of the people in the call, MiB. */
async function memoryWhenQuiet(administrator: Session, count: number): Promise<number> {
  const sessions = async (): Promise<number> => {
    const { parts } = await administrator.ask<{ parts: { id: string; figures: { peers: number } }[] }>('GET', '/api/admin/health');
    return parts.find(({ id }) => id === 'calls')!.figures.peers;
  };
  // The figures of health are taken every ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await expect.poll(sessions, { timeout: 40_000, intervals: [1_000], message: 'sessions of the server' }).toBe(count);
  const status = fs.readFileSync(`/proc/${process.env.BIANQUE_PID}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}
