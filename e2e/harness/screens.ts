import fs from 'node:fs';
import path from 'node:path';
import { expect, type Page } from '@playwright/test';
import { violations } from './accessible.ts';
import type { Language } from './people.ts';
import { demo } from './ready.ts';

/** One screen of the application, as somebody comes to it. */
export interface Screen {
  name: string;
  /** Where it lies, below the server's address. */
  at: string;
  /** What is pressed once it is there, such as the tab that is looked at. */
  then?: (page: Page, language: Language) => Promise<void>;
}

/** How a screen is looked at. */
interface Look {
  theme: 'light' | 'dark';
  width: number;
}

const LOOKS: Record<Language, Look[]> = {
  en: [
    { theme: 'light', width: 1280 },
    { theme: 'light', width: 390 },
    { theme: 'dark', width: 820 },
  ],
  'zh-CN': [
    { theme: 'light', width: 1280 },
    { theme: 'light', width: 390 },
  ],
};
const KEYS = firstParts();
const HEIGHT: Record<number, number> = { 390: 844, 820: 1180, 1280: 800 };

/** Opens a screen in both languages and looks at it at every width and in both colours; what is wrong with it. */
export async function faultsOf(page: Page, who: string, screen: Screen): Promise<string[]> {
  const faults: string[] = [];
  for (const language of ['en', 'zh-CN'] as const) {
    await appear(page, LOOKS[language][0]!);
    await open(page, screen.at, language);
    await settled(page);
    await screen.then?.(page, language);
    faults.push(...(await look(page, `${who}-${screen.name}`, language, LOOKS[language])));
  }
  return faults;
}

/** Looks at the page as it stands; what is wrong with it. */
export async function look(page: Page, name: string, language: Language, looks: Look[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { theme, width } of looks) {
    await appear(page, { theme, width });
    const place = `${name}-${language}-${theme}-${width}`;
    const found = [
      ...(await violations(page)),
      ...(await page.evaluate(layoutFaults)),
      ...(await page.evaluate(nakedKeys, KEYS)),
    ];
    faults.push(...found.map((fault) => `${place}: ${fault}`));
    await keep(page, place);
  }
  return faults;
}

/** Gives the page a colour and a size. */
export async function appear(page: Page, { theme, width }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height: HEIGHT[width]! });
}

export async function open(page: Page, at: string, language: Language): Promise<void> {
  const address = new URL(at, demo().http);
  address.searchParams.set('lang', language);
  await page.goto(address.href);
}

/** Until the page has its heading and nothing of it is still being fetched. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeAttached();
  await expect(page.locator('.loading')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** Keeps a picture of the whole page in the folder that `BIANQUE_SCREENS` names. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env.BIANQUE_SCREENS;
  if (!folder) return;
  fs.mkdirSync(folder, { recursive: true });
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/** Nothing sticks out to the side, and no word is cut off. */
function layoutFaults(): string[] {
  const faults: string[] = [];
  const page = document.scrollingElement!;
  if (page.scrollWidth > page.clientWidth) faults.push(`scrolls sideways: ${page.scrollWidth} > ${page.clientWidth}`);
  for (const control of document.querySelectorAll('button, a.button, h1, h2')) {
    const { clientWidth, scrollWidth, textContent } = control as HTMLElement;
    const hidden = getComputedStyle(control).overflowX === 'hidden' && !control.classList.contains('hidden-text');
    if (hidden && clientWidth > 2 && scrollWidth > clientWidth + 1) faults.push(`cut off: ${textContent}`);
  }
  return faults;
}

/** The first parts of the keys that words have. */
function firstParts(): string[] {
  const folder = new URL('../../web/src/locales/en/', import.meta.url);
  const read = (file: string) => Object.keys(JSON.parse(fs.readFileSync(new URL(file, folder), 'utf8')) as object);
  return [...new Set(fs.readdirSync(folder).flatMap(read))];
}

/** A key that has no words is shown as itself. What is code on purpose is none. */
function nakedKeys(known: string[]): string[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const keys: string[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement!.closest('code')) continue;
    const text = node.textContent!.trim();
    if (/^[\w-]+(\.[\w-]+)+$/.test(text) && known.includes(text.split('.')[0]!)) keys.push(`a key without words: ${text}`);
  }
  return keys;
}
