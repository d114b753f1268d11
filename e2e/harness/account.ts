import { createHmac } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { demo } from './ready.ts';

/** The address that passkeys are bound to: browsers bind them to names, never to an address of digits. */
export function home(): string {
  return demo().http.replace('127.0.0.1', 'localhost');
}

export interface NewUser {
  name: string;
  login: string;
  role: 'Clinician' | 'Administrator';
}

/** The demo's administrator, by one click. */
export async function asAdministrator(page: Page): Promise<void> {
  await page.goto(`${home()}/sign-in`);
  await page.getByRole('button', { name: /^Admin \(Demo\)/ }).click();
  await expect(page.getByRole('heading', { name: 'Administration' })).toBeVisible();
}

/** An administrator makes a user; the one-time link. */
export async function makeUser(page: Page, user: NewUser): Promise<string> {
  await page.goto(`${home()}/admin/users`);
  await page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(user.name);
  await dialog.getByLabel('Sign-in name').fill(user.login);
  await dialog.getByText(user.role, { exact: true }).click();
  await dialog.getByRole('button', { name: /Institution/ }).click();
  await page.getByRole('option').first().click();
  if (user.role === 'Clinician') await dialog.getByLabel('Registration number').fill('110-2026');
  await dialog.getByRole('button', { name: 'Add a user' }).click();
  const link = await page.getByRole('dialog', { name: /^Password link/ }).getByRole('textbox').inputValue();
  return link.replace('127.0.0.1', 'localhost');
}

/** Chooses a password by a one-time link, and is signed in. */
export async function choosePassword(page: Page, link: string, password: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByLabel('New password again').fill(password);
  await page.getByRole('button', { name: 'Save and sign in' }).click();
}

export async function typePassword(page: Page, login: string, password: string): Promise<void> {
  await page.goto(`${home()}/sign-in`);
  await page.getByLabel('Sign-in name').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

/** Sets an authenticator app up on the account page; its key and the recovery codes. */
export async function setUpApp(page: Page): Promise<{ key: string; codes: string[] }> {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('img', { name: 'Drawing for the authenticator app' })).toBeVisible();
  const key = (await dialog.locator('.totp-key').innerText()).replace(/\s/g, '');
  await dialog.getByLabel('Code of your authenticator app').fill(codeOf(key));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  return { key, codes: await keepCodes(page) };
}

/** The recovery codes on the screen, which are then put away. */
export async function keepCodes(page: Page): Promise<string[]> {
  const shown = page.getByRole('alertdialog', { name: 'Your recovery codes' });
  const codes = shown.getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const texts = await codes.allInnerTexts();
  await shown.getByRole('button', { name: 'I have kept them' }).click();
  await expect(shown).toBeHidden();
  return texts.map((text) => text.trim());
}

/** What an authenticator app shows (RFC 6238), some steps from now. */
export function codeOf(key: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', bytes).update(counter).digest();
  const number = digest.readUInt32BE(digest[19]! & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

export interface Device {
  /** Whether the next time its owner is asked for a finger they give the right one. */
  verifies(right: boolean): Promise<void>;
}

/** Gives the page a device that keeps passkeys, as a laptop with a fingerprint reader has. */
export async function withDevice(page: Page): Promise<Device> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verifies: async (right) => {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: right });
    },
  };
}

/** Adds a passkey on the account page. */
export async function addPasskey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Name of the passkey' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Save' }).click();
}
