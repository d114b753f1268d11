import { expect, type Page } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { filter } from '../harness/filter.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { proxyAt } from '../harness/proxy.ts';
import { wayOf } from '../harness/rungs.ts';
import { expectHears, humAt } from '../harness/tone.ts';

const [PATIENT, CLINICIAN] = [440, 1000];
/** Nothing goes from the browsers to the server itself; the proxy's own address may. */
const PROXY_ALONE = [
  `ip saddr ${process.env.BIANQUE_CLIENT_ADDRESS} ip daddr ${process.env.BIANQUE_SERVER_ADDRESS}`,
  `ip saddr ${process.env.BIANQUE_SERVER_ADDRESS} ip daddr ${process.env.BIANQUE_CLIENT_ADDRESS}`,
];

test.afterEach(() => filter.clear());

test('behind a proxy that ends TLS and passes nothing but HTTPS a visit has sound, and pictures when it is gone', async ({ people }) => {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  const pages: Page[] = [patient.page, clinician.page];
  await humAt(patient.context, PATIENT);
  await humAt(clinician.context, CLINICIAN);
  const proxy = await proxyAt(process.env.BIANQUE_PROXY_ADDRESS!);
  const treating = await someClinician();
  const session = await become(treating);
  const visit = await walkIn(session, { name: 'Wu Jing', birth_date: '1966-02-14', phone: '13700000046' });
  await through(proxy.url, () => arrive(patient.context.request, visit));
  await through(proxy.url, () => become(treating, clinician.context));
  await letIn(session, visit);

  await test.step('they hear each other by WebSocket', async () => {
    filter.drop(...PROXY_ALONE);
    await clinician.page.goto(`${proxy.url}/work`);
    await openVisit(clinician.page, visit.visitId);
    await patient.page.goto(`${proxy.url}/v/${visit.visitId}`);
    const begun = Date.now();
    await expectHears(patient.page, CLINICIAN, 30_000);
    await expectHears(clinician.page, PATIENT, 30_000);
    figure('sound through the proxy', Date.now() - begun);
    expect(await Promise.all(pages.map(wayOf))).toEqual([null, null]);
  });
  await test.step('the way is open again: up to pictures by itself', async () => {
    filter.clear();
    const begun = Date.now();
    for (const page of pages) await expectSeesAndHears(page, 60_000);
    figure('pictures after release', Date.now() - begun);
  });
  proxy.close();
});

/** Lets the harness ask the server by another address, so that its cookies are for that. */
async function through<T>(url: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.BIANQUE_READY!;
  process.env.BIANQUE_READY = JSON.stringify({ ...JSON.parse(before), http: url });
  try {
    return await work();
  } finally {
    process.env.BIANQUE_READY = before;
  }
}

function figure(name: string, ms: number): void {
  console.log(`${name}: ${(ms / 1000).toFixed(1)} s`);
}
