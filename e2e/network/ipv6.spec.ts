import type { ChildProcess } from 'node:child_process';
import { expect, type Page } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { filter } from '../harness/filter.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { wayOf } from '../harness/rungs.ts';
import { startOwn, stop } from '../harness/start-demo.ts';

const [FOUR, SIX] = [process.env.BIANQUE_SERVER_ADDRESS!, process.env.BIANQUE_SERVER_ADDRESS_SIX!];
const [HTTPS, MEDIA] = [8090, 10_090];
/** No call by this version; pages and sockets by IPv4 go on. */
const closed = (version: 'ipv4' | 'ipv6') => [
  `meta nfproto ${version} meta l4proto udp`,
  `meta nfproto ${version} tcp dport ${MEDIA}`,
  `meta nfproto ${version} tcp sport ${MEDIA}`,
];

/** A server whose sockets take both, in place of the one that all tests share. */
let server: ChildProcess;
const shared = process.env.BIANQUE_READY!;

test.beforeAll(async () => {
  const told = ['--media-public', `${FOUR}:${MEDIA}`, '--media-public', `[${SIX}]:${MEDIA}`];
  const sockets = ['--http', `127.0.0.1:${HTTPS}`, '--media', `127.0.0.1:${MEDIA}`, '--lan', '::'];
  const own = await startOwn([...sockets, ...told, '--public-url', `https://${FOUR}:${HTTPS}`]);
  server = own.server;
  process.env.BIANQUE_READY = JSON.stringify({ ...own.ready, http: `https://${FOUR}:${HTTPS}` });
});
test.afterAll(async () => {
  process.env.BIANQUE_READY = shared;
  await stop(server);
});
test.afterEach(() => filter.clear());

test('a call goes by IPv6 where IPv4 is closed, and by IPv4 when IPv6 closes under it', async ({ people }) => {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const pages = [patient.page, clinician.page];
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Wu Liu', birth_date: '1966-02-14', phone: '13700000049' });
  await arrive(patient.context.request, visit);

  await test.step('nothing of a call passes by IPv4: pictures and sound by IPv6', async () => {
    filter.drop(...closed('ipv4'));
    await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
    await clinician.page.goto(`${demo().http}/work`);
    await openVisit(clinician.page, visit.visitId);
    await letIn(session, visit);
    for (const page of pages) await expectSeesAndHears(page);
    expect(await Promise.all(pages.map(serverEnd))).toEqual(pages.map(() => `udp [${SIX}]:${MEDIA}`));
  });
  await test.step('IPv6 closes and IPv4 opens: on by IPv4', async () => {
    filter.drop(...closed('ipv6'));
    const begun = Date.now();
    const there = pages.map(() => `udp ${FOUR}:${MEDIA}`);
    await expect.poll(() => Promise.all(pages.map(serverEnd)), { timeout: 60_000, intervals: [200] }).toEqual(there);
    for (const page of pages) await expectSeesAndHears(page);
    console.log(`IPv4 after IPv6 is closed: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  });
});

/** Where the page's call goes to, and by what; what a TURN stream carries goes to the same place. */
async function serverEnd(page: Page): Promise<string> {
  const way = await wayOf(page);
  return way ? `${way.kind === 'relay' ? 'relay' : way.protocol} ${way.to}` : 'none';
}
