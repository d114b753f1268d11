import { expect, type Page } from '@playwright/test';
import type { Page as FirefoxPage } from 'puppeteer-core';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { filter } from '../harness/filter.ts';
import { pageOf, startFirefox } from '../harness/firefox.ts';
import { expectSeesAndHears, sumReceived } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { selectedPair } from '../harness/rungs.ts';

test.afterEach(() => filter.clear());

test('a patient with Firefox and a clinician with Chromium see and hear each other, and go on without UDP', async ({ people, playwright }) => {
  const clinician = await people.atDesk('clinician');
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Sun Li', birth_date: '1971-05-20', phone: '13700000047' });
  const requests = await playwright.request.newContext({ ignoreHTTPSErrors: true });
  await arrive(requests, visit);
  const firefox = await startFirefox();
  try {
    const page = await pageOf(firefox);
    const cookies = (await requests.storageState()).cookies;
    const url = new URL(demo().http);
    await firefox.setCookie(...cookies.map(({ name, value, path, httpOnly, secure }) => ({ name, value, path, httpOnly, secure, domain: url.hostname })));
    await clinician.page.goto(`${demo().http}/work`);
    await openVisit(clinician.page, visit.visitId);
    await page.goto(`${demo().http}/v/${visit.visitId}`);
    await letIn(session, visit);

    await test.step('over UDP', async () => {
      await firefoxSeesAndHears(page);
      await expectSeesAndHears(clinician.page);
      expect((await page.evaluate(selectedPair))?.protocol).toBe('udp');
    });
    await test.step('all UDP is dropped: on by what Firefox has', async () => {
      filter.drop('ip protocol udp');
      const begun = Date.now();
      const way = await goesOn(page, clinician.page);
      console.log(`Firefox without UDP: ${way} after ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    });
    await test.step('UDP passes again: pictures by themselves', async () => {
      filter.clear();
      const begun = Date.now();
      await expect.poll(async () => (await page.evaluate(selectedPair))?.protocol, { timeout: 120_000, intervals: [500] }).toBe('udp');
      await firefoxSeesAndHears(page);
      console.log(`Firefox with UDP again: ${((Date.now() - begun) / 1000).toFixed(1)} s`);
    });
  } finally {
    await firefox.close();
    await requests.dispose();
  }
});

async function firefoxSeesAndHears(page: FirefoxPage, withinMs = 20_000): Promise<void> {
  const before = await page.evaluate(sumReceived);
  await expect
    .poll(async () => {
      const now = await page.evaluate(sumReceived);
      return { sees: now.framesDecoded > before.framesDecoded + 5, hears: now.audioEnergy > before.audioEnergy };
    }, { timeout: withinMs, message: 'pictures and sound in Firefox' })
    .toEqual({ sees: true, hears: true });
}

/** Pictures by another way, or sound alone, whichever is there first; the words on the page tell which. */
async function goesOn(page: FirefoxPage, desk: Page): Promise<string> {
  let way = '';
  await expect
    .poll(async () => {
      const words = await page.evaluate(() => document.querySelector('.call-network')?.textContent ?? '');
      const end = await page.evaluate(selectedPair);
      const before = await page.evaluate(sumReceived);
      await page.evaluate(() => new Promise((done) => setTimeout(done, 1_000)));
      const flows = (await page.evaluate(sumReceived)).bytes > before.bytes + 1_000;
      way = words.startsWith('Sound only') ? 'sound alone' : flows && end ? `${end.kind} over ${end.protocol}` : '';
      return way;
    }, { timeout: 40_000, intervals: [200] })
    .not.toBe('');
  await expect(desk.locator('.call-network').first()).toBeVisible();
  return way;
}
