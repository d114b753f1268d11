import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from '@playwright/test';
import { test as base } from './people.ts';

/** A phone in a network of its own, which it can leave for another. Only in a namespace. */
export interface Roaming {
  /** The browser of this phone. */
  browser: Browser;
  /** The network is gone: Wi-Fi out of reach. */
  leave(): void;
  /** In the first network or the second: another address, another router. */
  enter(place: 0 | 1): void;
}

/** `people`, and a phone that goes from network to network; it begins in the first. */
export const test = base.extend<{ roaming: Roaming }>({
  roaming: async ({ playwright, launchOptions }, use) => {
    leave();
    enter(0);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bianque-phone-'));
    const executablePath = path.join(folder, 'chromium');
    fs.writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${namespace()} ${launchOptions.executablePath} "$@"\n`, { mode: 0o755 });
    // With the loopback among its networks a browser that is told of no other does not ask the system for a way.
    const args = launchOptions.args?.filter((flag) => flag !== '--allow-loopback-in-peer-connection') ?? [];
    const browser = await playwright.chromium.launch({ ...launchOptions, executablePath, args });
    await use({ browser, leave, enter });
    await browser.close();
    inPhone('nft', 'flush ruleset');
    leave();
    fs.rmSync(folder, { recursive: true, force: true });
  },
});

/** Runs a program in the network of the phone, and answers what it printed. */
export function inPhone(program: string, words: string): string {
  return execFileSync('ip', ['netns', 'exec', namespace(), program, ...words.split(' ')], { encoding: 'utf8' });
}

/** Runs a program in the network of the server. */
export function atServer(program: string, words: string): string {
  return execFileSync('ip', ['netns', 'exec', named('BIANQUE_SERVER_NETNS'), program, ...words.split(' ')], { encoding: 'utf8' });
}

function leave(): void {
  inPhone('ip', '-4 addr flush dev air');
}

function enter(place: 0 | 1): void {
  const network = named('BIANQUE_PHONE_PLACES').split(' ')[place];
  inPhone('ip', `addr add ${network}.2/24 dev air`);
  inPhone('ip', `route replace default via ${network}.1`);
}

function namespace(): string {
  return named('BIANQUE_PHONE_NETNS');
}

function named(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error('only in a namespace: run `cargo xtask network`');
  return value;
}
