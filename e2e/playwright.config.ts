import { defineConfig } from '@playwright/test';
import { launchFlags } from './harness/browser.ts';

/** One demo server is started before all tests; its addresses reach them through the environment. */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './harness/start-demo.ts',
  fullyParallel: false,
  // A call alone has two or three browsers that encode video, which fills two cores.
  workers: Number(process.env.BIANQUE_WORKERS ?? 1),
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: launchFlags,
    },
    permissions: ['camera', 'microphone'],
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
});
