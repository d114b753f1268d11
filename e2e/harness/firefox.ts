import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { keepPeers } from './media.ts';

/** Firefox as Debian ships it, with devices that are made up and no questions. */
export async function startFirefox(): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.BIANQUE_FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    acceptInsecureCerts: true,
    // ESR cannot be told another size of the page.
    defaultViewport: null,
    args: ['--width=500', '--height=844'],
    userDataDir: fs.mkdtempSync(path.join(os.tmpdir(), 'bianque-firefox-')),
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'app.update.enabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'http://127.0.0.1:1/',
      'intl.accept_languages': 'en',
    },
  });
}

/** A page whose calls can be looked at. */
export async function pageOf(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(keepPeers);
  return page;
}
