import { expect, type Page } from '@playwright/test';

/** What a patient says before the visit. */
export interface Answers {
  reason: string;
  symptoms: string[];
  redFlags: string[];
}

export const rash: Answers = {
  reason: 'An itching rash on my left arm since the weekend',
  symptoms: ['Rash'],
  redFlags: [],
};

/** Opens the link and confirms the birth date, `YYYY-MM-DD`. */
export async function confirmBirthDate(page: Page, link: string, birthDate: string): Promise<void> {
  await page.goto(link);
  await fillBirthDate(page, birthDate);
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
}

export async function fillBirthDate(page: Page, birthDate: string): Promise<void> {
  const [year, month, day] = birthDate.split('-').map(Number);
  await page.getByLabel('Day', { exact: true }).fill(String(day));
  await page.getByLabel('Month', { exact: true }).fill(String(month));
  await page.getByLabel('Year', { exact: true }).fill(String(year));
}

/** Camera, microphone, sound and connection. */
export async function checkDevices(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Check your camera and sound' })).toBeVisible();
  await expect(page.getByLabel('Your own picture')).toBeVisible();
  await expect(page.getByText(/^Down [\d.]+ Mbit\/s/)).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
}

export async function agree(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: 'Agree to a video visit' })).toBeVisible();
  await page.getByLabel('Your full name').fill(name);
  await page.getByText('I have read this and I agree').click();
  await page.getByRole('button', { name: 'Agree and continue' }).click();
}

/** Every question, up to the waiting room. */
export async function answer(page: Page, answers: Answers): Promise<void> {
  const next = () => page.getByRole('button', { name: 'Continue', exact: true }).click();
  const question = (name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await question('Why do you want to see the clinician?');
  await page.getByLabel('The reason, in your own words').fill(answers.reason);
  await next();
  await question('What do you have?');
  for (const symptom of answers.symptoms) await page.getByText(symptom, { exact: true }).click();
  await next();
  await question('How long have you had it?');
  await page.getByLabel('How many?').fill('3');
  await page.getByText('Days', { exact: true }).click();
  await next();
  await question('Where are you now?');
  await page.getByLabel('Address, or how to find you').fill('12 River Road, second floor');
  await page.getByLabel('Town or city').fill('Suzhou');
  await next();
  await question('How can we reach you?');
  await page.getByLabel('Phone number to call you back').fill('+86 138 0000 0000');
  await page.getByLabel('Their name').fill('Chen Mei');
  await page.getByLabel('Their phone number').fill('+86 139 0000 0000');
  await next();
  await question('Do you have any of these now?');
  const flags = answers.redFlags.length ? answers.redFlags : ['None of these'];
  for (const flag of flags) await page.getByText(flag, { exact: true }).click();
  await next();
  if (answers.redFlags.length) {
    await question('You may need help now');
    await page.getByRole('link', { name: 'Continue to the video visit' }).click();
  }
  await question('Check your answers');
  await expect(page.getByText(answers.reason)).toBeVisible();
  await page.getByRole('button', { name: 'Send and go to the waiting room' }).click();
  await question('Waiting room');
}
