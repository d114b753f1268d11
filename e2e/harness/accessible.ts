import axe from 'axe-core';
import { expect, type Page } from '@playwright/test';

/** Fails with the rule, the element and the reason for every violation on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violations(page), page.url()).toEqual([]);
}

/** What axe has to say about the page, in the order of the document. The application has no frames to go into. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    // Colours on their way from one to another are nobody's to read; what turns for ever is not waited for.
    const moving = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime !== Infinity);
    const still = Promise.allSettled(moving.map((it) => it.finished));
    await Promise.race([still, new Promise((tick) => setTimeout(tick, 1000))]);
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`),
    );
  });
}
