import { expect, test } from '@playwright/test';
import { demo } from '../harness/ready.ts';

test.describe('in a browser with Trusted Types', () => {
  test('text becomes neither markup nor a script, and pages say nothing against the policy', async ({ page }) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        throw new Error(`${event.violatedDirective}: ${event.sample}`);
      });
    });
    for (const address of [demo().http, demo().links.clinician, demo().links.patient]) {
      await page.goto(address);
      await expect(page.getByRole('heading').first()).toBeVisible();
    }
    // The shell's service worker is there: its address is a script that the policy knows.
    await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration()) !== undefined);
    expect(faults).toEqual([]);
    const refused = await page.evaluate(() => {
      const threw = (act: () => void) => {
        try {
          act();
          return false;
        } catch (error) {
          return error instanceof TypeError;
        }
      };
      const element = document.createElement('div');
      return {
        markup: threw(() => (element.innerHTML = '<img src=x onerror=alert(1)>')),
        script: threw(() => (document.createElement('script').src = '/assets/other.js')),
        nothing: threw(() => (element.innerHTML = '')),
      };
    });
    expect(refused).toEqual({ markup: true, script: true, nothing: false });
  });
});
