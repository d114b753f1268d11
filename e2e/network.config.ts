import { defineConfig } from '@playwright/test';
import usual from './playwright.config.ts';
import { launchFlags } from './harness/browser.ts';

/** Calls through bad networks: `cargo xtask network` starts this in a network of its own. */
export default defineConfig({
  ...usual,
  testDir: 'network',
  timeout: 180_000,
  use: {
    ...usual.use,
    // The certificate is made at start, by the server itself; TURN inside TLS is no page, and has its own flag.
    ignoreHTTPSErrors: true,
    launchOptions: { ...usual.use?.launchOptions, args: [...launchFlags, '--ignore-certificate-errors'] },
  },
});
