import { expect, test } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { demo } from '../harness/ready.ts';

test.describe('the demo', () => {
  test('is alive, and its links lead to itself', async ({ request }) => {
    const { http, links } = demo();
    expect((await request.get(`${http}/healthz`)).ok()).toBe(true);
    expect((await request.get(`${http}/readyz`)).ok()).toBe(true);
    expect(links.clinician.startsWith(http)).toBe(true);
    expect(links.patient.startsWith(http)).toBe(true);
  });

  test('shows its first page without a complaint of axe', async ({ page }) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(demo().http);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectAccessible(page);
    expect(faults).toEqual([]);
  });

  test('answers what is not there with 404, not with a page', async ({ request }) => {
    for (const path of ['/assets/none.js', '/api/none']) {
      expect((await request.get(`${demo().http}${path}`)).status(), path).toBe(404);
    }
  });
});
