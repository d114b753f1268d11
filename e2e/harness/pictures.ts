import path from 'node:path';
import type { Page } from '@playwright/test';

/** Keeps the page as a picture for the README, when `cargo xtask pictures` asks for it. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.BIANQUE_PICTURES;
  if (!folder) return;
  // From the top, without a cursor, and with its charts drawn.
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    window.scrollTo(0, 0);
  });
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
}
