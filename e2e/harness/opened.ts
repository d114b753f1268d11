// What is pressed on a screen before it is looked at, in either language.

import { expect, type Page } from '@playwright/test';
import { openPart } from './clinician.ts';
import type { Language } from './people.ts';

/** Everything that is folded away: what is over, what was entered in error, all values, all reports. */
export async function unfold(page: Page): Promise<void> {
  const folded = page.locator('.chart-grid button[aria-expanded=false]');
  await expect(folded.first()).toBeVisible();
  while ((await folded.count()) > 0) await folded.first().click();
}

export async function openHistory(page: Page): Promise<void> {
  await page.locator('#part-problems .entry-actions button').first().click();
  await expect(page.locator('.versions > li').first()).toBeVisible();
}

export async function writeConsent(page: Page): Promise<void> {
  await page.locator('.admin-head').getByRole('button').click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function previewConsent(page: Page): Promise<void> {
  await writeConsent(page);
  await page.getByRole('dialog').locator('.dialog-actions').getByRole('button').first().click();
  await expect(page.locator('.consent-words').first()).toBeVisible();
}

export async function devicesOpen(page: Page): Promise<void> {
  await expect(page.locator('video')).toBeVisible();
  await expect(page.getByText(/Mbit\/s/)).toBeVisible({ timeout: 30_000 });
}

export async function devicesOn(page: Page): Promise<void> {
  await page.locator('.check').first().getByRole('button').click();
  await expect(page.locator('video')).toBeVisible();
}

export async function toAgreement(page: Page): Promise<void> {
  await page.locator('main .button').last().click();
  await expect(page.getByRole('checkbox')).toBeAttached();
}

export async function openDockPeople(page: Page, language: Language): Promise<void> {
  await openPart(page, language === 'en' ? 'People' : '参加者');
}

export async function openInvitation(page: Page, language: Language): Promise<void> {
  await openDockPeople(page, language);
  await openDialog(page, language === 'en' ? 'Invite by link' : '通过链接邀请');
}

export async function openPeople(page: Page): Promise<void> {
  await page.locator('.room-people').click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function searchPatients(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('song');
  await expect(page.getByText('Song Si').first()).toBeVisible();
}

export async function pickPatient(page: Page): Promise<void> {
  await page.getByRole('searchbox').fill('song qi');
  await page.getByText('Song Qi').first().click();
  await expect(page.getByRole('heading', { name: 'Song Qi' })).toBeVisible();
}

/** Up to the question who comes. */
export async function sayForAnother(page: Page): Promise<void> {
  await page.getByRole('radio').nth(1).check({ force: true });
  const [day, month, year] = ['16', '4', '2019'];
  for (const [id, value] of Object.entries({ day, month, year })) await page.locator(`#birth-${id}`).fill(value!);
  await page.locator('button[type=submit]').click();
  await expect(page.locator('#proxy-relationship')).toBeVisible();
}

export async function openEmergency(page: Page, language: Language): Promise<void> {
  const word = { en: 'Open a record in an emergency', 'zh-CN': '紧急情况下打开档案' };
  await page.getByRole('button', { name: word[language] }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function openDialog(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function openFirstRow(page: Page): Promise<void> {
  await page.getByRole('table').getByRole('button').first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function openRegistration(page: Page, language: Language): Promise<void> {
  const word = { en: 'Register an application', 'zh-CN': '登记应用程序' };
  await page.getByRole('button', { name: word[language] }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

export async function openProvider(page: Page, language: Language): Promise<void> {
  const words = { en: ['Add a provider', 'Add a row'], 'zh-CN': ['添加提供方', '添加一行'] };
  await page.getByRole('button', { name: words[language][0]! }).click();
  await page.getByRole('button', { name: words[language][1]! }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}
