import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

/** Text that would do something wherever it is taken for SQL, HTML or a template; short, as registration numbers are. */
export function hostile(field: string): string {
  return `${field}');DROP TABLE x;--<img src=x onerror=pwned=1>{{7*7}}你`;
}

/** Fills every field that takes text with hostile text; the marks of those fields. */
export async function fillEveryField(scope: Page | Locator, mark: string): Promise<string[]> {
  const marks: string[] = [];
  const fields = scope.locator('input:not([type]):visible, input[type=text]:visible, input[type=tel]:visible, textarea:visible');
  await expect(fields.first()).toBeVisible();
  for (const [index, field] of (await fields.all()).entries()) {
    const [type, mode] = [await field.getAttribute('type'), await field.getAttribute('inputmode')];
    if (type === 'tel' || mode === 'tel') await field.fill('+86 138 0000 0000');
    else if (mode === 'numeric' || mode === 'decimal') await field.fill('3');
    else {
      marks.push(`${mark}-${index}`);
      await field.fill(hostile(`${mark}-${index}`));
    }
  }
  expect(marks, `fields of ${mark}`).not.toEqual([]);
  return marks;
}

/** Dialogs that pages of this context opened; none should. */
export async function watchForHarm(context: BrowserContext): Promise<() => Promise<void>> {
  const dialogs: string[] = [];
  context.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  return async () => {
    expect(dialogs).toEqual([]);
    for (const page of context.pages()) {
      const harmed = await page.evaluate(() => 'pwned' in window || document.querySelector('img[src="x"]') !== null);
      expect(harmed, page.url()).toBe(false);
    }
  };
}

/** The text of a field stands on the page, whole and as text. */
export async function expectShown(page: Page, field: string): Promise<void> {
  // Lines may break anywhere, so that spaces say nothing.
  const packed = (text: string) => text.replace(/\s+/g, '');
  await expect
    .poll(async () => packed(await page.evaluate(allText)), { message: `${field} at ${page.url()}` })
    .toContain(packed(hostile(field)));
}

function allText(): string {
  const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')];
  return [document.body.textContent, ...fields.map(({ value }) => value)].join('\n');
}
