import type { Browser, BrowserContext, BrowserContextOptions, Page } from '@playwright/test';
import { desk, phone } from './browser.ts';
import { watchMedia } from './media.ts';

/** A person at a device: a browser profile of their own, with one page. */
export interface Person {
  context: BrowserContext;
  page: Page;
}

export type Language = 'en' | 'zh-CN';

/** Somebody with a phone, 390 px wide. */
export function withPhone(browser: Browser, language: Language = 'en'): Promise<Person> {
  return person(browser, phone, language);
}

/** Somebody at a desk, 1280 px wide. */
export function atDesk(browser: Browser, language: Language = 'en'): Promise<Person> {
  return person(browser, desk, language);
}

async function person(browser: Browser, device: BrowserContextOptions, language: Language): Promise<Person> {
  const context = await browser.newContext({
    ...device,
    locale: language,
    timezoneId: 'Asia/Shanghai',
    permissions: ['camera', 'microphone'],
    acceptDownloads: true,
  });
  await watchMedia(context);
  return { context, page: await context.newPage() };
}
