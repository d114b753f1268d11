import {
  test as base,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from '@playwright/test';
import { desk, phone } from './browser.ts';
import { watchMedia } from './media.ts';

export type Language = 'en' | 'zh-CN';

/** A person at a device: a browser profile of their own, with one page. */
export interface Person {
  context: BrowserContext;
  page: Page;
  /** What went wrong in the page so far: refused requests with their answers, exceptions. */
  faults: string[];
}

/** Brings people into a test; they leave when it ends. */
export interface People {
  /** Somebody with a phone, 390 px wide; in a browser of its own where one is given. */
  withPhone(name: string, language?: Language, own?: Browser): Promise<Person>;
  /** Somebody at a desk, 1280 px wide. */
  atDesk(name: string, language?: Language): Promise<Person>;
}

/** Playwright's `test` with people. After a failure the report says what went wrong in each one's page. */
export const test = base.extend<{ people: People }>({
  people: async ({ browser }, use, info) => {
    const present = new Map<string, Person>();
    const come = (device: BrowserContextOptions) => async (name: string, language: Language = 'en', own: Browser = browser) => {
      const person = await somebody(own, device, language);
      present.set(name, person);
      return person;
    };
    await use({ withPhone: come(phone), atDesk: come(desk) });
    for (const [name, { context, faults }] of present) {
      if (info.status !== info.expectedStatus && faults.length > 0) {
        await info.attach(`what went wrong for the ${name}`, { body: faults.join('\n'), contentType: 'text/plain' });
      }
      await context.close();
    }
  },
});

async function somebody(browser: Browser, device: BrowserContextOptions, language: Language): Promise<Person> {
  const context = await browser.newContext({
    ...device,
    locale: language,
    timezoneId: 'Asia/Shanghai',
    permissions: ['camera', 'microphone'],
    acceptDownloads: true,
  });
  await watchMedia(context);
  const page = await context.newPage();
  return { context, page, faults: watchFaults(page) };
}

function watchFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
  page.on('console', (message) => {
    // A refused request is told below, with its answer.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
  });
  page.on('response', async (response) => {
    if (response.status() < 400) return;
    const request = response.request();
    const body = await response.text().catch(() => '');
    faults.push(`${request.method()} ${request.url()}: ${response.status()} ${body.slice(0, 300)}`);
  });
  return faults;
}
