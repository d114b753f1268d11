import type { BrowserContextOptions } from '@playwright/test';

/**
 * How Chromium is started: headless, with a made-up camera and microphone that are granted without asking, with
 * candidates on the loopback interface, and without calls home.
 */
export const launchFlags = [
  '--headless=new',
  '--no-sandbox',
  // Ten frames a second: three people in a call leave two cores something to spare.
  '--use-fake-device-for-media-stream=fps=10',
  '--use-fake-ui-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
  '--no-first-run',
];

/** A patient's phone. */
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** A clinician's desk. */
export const desk: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
