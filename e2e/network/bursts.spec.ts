import { expect } from '@playwright/test';
import { twoInCall } from '../harness/call.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { portOf } from '../harness/rungs.ts';
import { receptionDuring, squeeze, type Reception } from '../harness/squeeze.ts';

const SECONDS = 30;

test.afterEach(() => squeeze.clear());

test('with 10 % lost in bursts the call stays up, the sound is mended and the pictures keep coming', async ({ people }) => {
  const { patient, clinician } = await twoInCall(people);
  const pages = [patient.page, clinician.page];
  const connections = () => Promise.all(pages.map((page) => page.evaluate(() => window.bianquePeers?.length)));
  const port = await portOf(patient.page);
  const before = await connections();
  const wait = () => patient.page.waitForTimeout(SECONDS * 1000);
  squeeze.burst(port, 10, 4);
  const got = await Promise.all(pages.map((page) => receptionDuring(page, wait)));
  squeeze.clear();
  figures('the phone', got[0]!);
  figures('the desk', got[1]!);
  for (const one of got) {
    // Of what is lost in bursts of four, redundancy gives back what stands in the packet after the burst.
    expect(one.concealed / one.samples).toBeLessThan(0.15);
    expect(one.frames / SECONDS).toBeGreaterThan(1);
  }
  // The call that was there at first is there still.
  expect(await portOf(patient.page)).toBe(port);
  expect(await connections()).toEqual(before);
  for (const page of pages) await expectSeesAndHears(page, 10_000);
});

function figures(who: string, { lost, packets, concealed, samples, frames, freezes, frozenSeconds }: Reception): void {
  const percent = (part: number, whole: number): string => ((part * 100) / whole).toFixed(1);
  console.log(
    `10 % burst loss, ${who}: ${percent(lost, packets + lost)} % of its sound lost, ` +
      `${percent(concealed, samples)} % of the sound made up, ${(frames / SECONDS).toFixed(1)} frames/s, ` +
      `${freezes} freezes of ${frozenSeconds.toFixed(1)} s altogether`,
  );
}
