import fs from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { twoInCall, type Two } from '../harness/call.ts';
import { become, guestWaits, inviteGuest, someone, type Session } from '../harness/clinic.ts';
import { test, type People, type Person } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

/** Eight are tried in the core (`crates/media/tests/people.rs`): so many pages fill two cores by themselves. */
const PEOPLE = 5;
const ROUNDS = 50;
/** When most of what is made once has been made. */
const SETTLED_AFTER = 10;
/** What the process may have grown by between then and the end, MiB: far less than a session that is kept takes, 40 times. */
const GROWTH_MIB = 12;

test.use({ actionTimeout: 40_000, navigationTimeout: 40_000 });

test('five people, of whom one after the other leaves and comes back fifty times: nothing is left behind', async ({ people }) => {
  test.setTimeout(900_000);
  // Two cores: the smallest picture of two people, and no camera of the others.
  const two = await twoInCall(people, { prepare: (context) => context.addInitScript(() => localStorage.setItem('bianque.data-use', 'saver')) });
  const guests: Person[] = [];
  for (let number = 1; number <= PEOPLE - 2; number += 1) guests.push(await guestComes(people, two, number));
  const pages = [two.patient.page, two.clinician.page, ...guests.map(({ page }) => page)];
  const administrator = await become(await someone('administrator'));
  for (const page of pages) await expectHearsAllOthers(page);
  let settled = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const page = guests[round % guests.length]!.page;
    // By turns with a while in between, and at once.
    if (round % 2 === 0) await leaveAndComeBack(page);
    else await page.reload();
    await expectHearsAllOthers(page);
    await expectHearsAllOthers(pages[round % pages.length]!);
    if (round === SETTLED_AFTER) settled = await memoryWhenQuiet(administrator);
  }
  const figures = await Promise.all(pages.map(linesOf));
  for (const lines of figures) {
    // One's own sound and picture, and those of all others; pictures that are not shown have a line that rests.
    expect(lines).toEqual({ connections: 1, lines: 2 * PEOPLE, voices: PEOPLE - 1, sounds: PEOPLE - 1 });
  }
  const grown = (await memoryWhenQuiet(administrator)) - settled;
  console.log(`${PEOPLE} people, ${ROUNDS} left and came back: the server has ${settled.toFixed(1)} MiB after ${SETTLED_AFTER}, ${grown.toFixed(1)} more at the end`);
  expect(grown).toBeLessThan(GROWTH_MIB);
});

async function guestComes(people: People, { session, visit }: Two, number: number): Promise<Person> {
  const name = `Wu Qi ${number}`;
  const guest = await people.atDesk(name);
  await guest.context.addInitScript(() => localStorage.setItem('bianque.data-use', 'sound'));
  const { id, url } = await inviteGuest(session, visit, { role: 'family', name, relationship: 'FAMMEMB' });
  await guestWaits(guest.context.request, visit, url, name);
  await session.ask('POST', `/api/visits/${visit.visitId}/guests/${id}/admit`);
  await guest.page.goto(`${demo().http}/v/${visit.visitId}/guest`);
  await expectHearsSome(guest.page);
  return guest;
}

async function leaveAndComeBack(page: Page): Promise<void> {
  const at = page.url();
  await page.goto('about:blank');
  await page.goto(at);
}

const expectHearsSome = (page: Page) => expect.poll(() => voices(page), { timeout: 40_000, message: 'somebody is heard' }).toBeGreaterThan(0);
const expectHearsAllOthers = (page: Page) => expect.poll(() => voices(page), { timeout: 40_000, message: 'all others are heard' }).toBe(PEOPLE - 1);

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
async function memoryWhenQuiet(administrator: Session): Promise<number> {
  const sessions = async (): Promise<number> => {
    const { parts } = await administrator.ask<{ parts: { id: string; figures: { peers: number } }[] }>('GET', '/api/admin/health');
    return parts.find(({ id }) => id === 'calls')!.figures.peers;
  };
  // The figures of health are taken every ten seconds.
  await new Promise((resolve) => setTimeout(resolve, 11_000));
  await expect.poll(sessions, { timeout: 40_000, intervals: [1_000], message: 'sessions of the server' }).toBe(PEOPLE);
  const status = fs.readFileSync(`/proc/${process.env.BIANQUE_PID}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}
