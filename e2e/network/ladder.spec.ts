import { expect, type Page } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { filter } from '../harness/filter.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { wayOf } from '../harness/rungs.ts';

test.afterEach(() => filter.clear());

test('a call goes down from UDP to TCP to TURN as the network closes, and up again when it opens', async ({ people }) => {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const both = [patient.page, clinician.page];
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Wu Lan', birth_date: '1966-02-14', phone: '13700000045' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  for (const page of both) await expectSeesAndHears(page);
  expect(await waysOf(both)).toEqual(['udp', 'udp']);

  await test.step('all UDP is dropped: on over TCP', async () => {
    filter.drop('ip protocol udp');
    figure('TCP after UDP is dropped', await untilAllFlow(both, 'tcp', 30_000));
  });
  await test.step('and TCP to the media port as well: on over TURN in TLS', async () => {
    filter.drop('ip protocol udp', 'tcp dport 10000', 'tcp sport 10000');
    figure('TURN/TLS after TCP is dropped', await untilAllFlow(both, 'relay', 30_000));
  });
  await test.step('everything passes again: up to UDP by itself', async () => {
    filter.clear();
    figure('UDP after release', await untilAllFlow(both, 'udp', 60_000));
  });
});

async function waysOf(pages: Page[]): Promise<string[]> {
  const ways = await Promise.all(pages.map(wayOf));
  return ways.map((way) => (way ? (way.kind === 'relay' ? 'relay' : way.protocol) : 'none'));
}

/** Waits until pictures and sound come in by this way at each page; answers how long it took, ms. */
async function untilAllFlow(pages: Page[], way: string, withinMs: number): Promise<number> {
  const begun = Date.now();
  await expect.poll(() => waysOf(pages), { timeout: withinMs, intervals: [200] }).toEqual(pages.map(() => way));
  await Promise.all(pages.map((page) => expectSeesAndHears(page, Math.max(1_000, withinMs - (Date.now() - begun)))));
  return Date.now() - begun;
}

function figure(name: string, ms: number): void {
  console.log(`${name}: ${(ms / 1000).toFixed(1)} s`);
}
