import { expect } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, someClinician } from '../harness/clinic.ts';
import { message, sendMessage } from '../harness/mllp.ts';
import { test, type Language } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { look, open, settled } from '../harness/screens.ts';

const SYSTEM = 'https://lab.example/number';
const NUMBER = 'KALIUM-1';
const LOOKS = [1280, 390].flatMap((width) => [{ theme: 'light' as const, width }, { theme: 'dark' as const, width }]);

/** A laboratory's report of one patient's potassium. */
function potassium(control: string, at: string, status: string, value: string): string[] {
  return message(
    'ORU^R01',
    control,
    'LAB|SOUTH',
    `PID|1||${NUMBER}^^^&${SYSTEM}&URI||Kong Yi||19630214|F`,
    `OBR|1||E1^LAB|24326-1^Electrolytes^LN|||20260105150000|||||||||||||||${at}|||${status}`,
    `OBX|1|NM|2823-3^Potassium^LN||${value}|mmol/L|3.5-5.1||||${status}`,
  );
}

test('whoever saw a result is told when it is corrected, until they say that they know', async ({ people }) => {
  test.setTimeout(150_000);
  const { page, context, faults } = await people.atDesk('clinician');
  const clinician = await become(await someClinician(), context);
  const { patient } = await clinician.ask<{ patient: { id: string } }>('POST', '/api/patients', {
    name: 'Kong Yi',
    birth_date: '1963-02-14',
    sex: 'female',
    phone: '13700000096',
    language: 'en',
    identifier: { system: SYSTEM, value: NUMBER },
  });
  expect(await sendMessage(potassium('K1', '20260105160000', 'F', '7.1'))).toBe('AA');
  await test.step('the value is seen', async () => {
    await page.goto(`${demo().http}/patients/${patient.id}`);
    await expect(page.getByText('7.1').first()).toBeVisible();
    await expect(page.getByText('A result that you saw was corrected')).toHaveCount(0);
  });
  expect(await sendMessage(potassium('K2', '20260105170000', 'C', '4.1'))).toBe('AA');
  await test.step('wherever they work, they are told', async () => {
    await expect
      .poll(async () => (await clinician.ask<{ count: number }>('GET', '/api/corrections/count')).count, { timeout: 20_000 })
      .toBe(1);
    await page.goto(`${demo().http}/quality`);
    await expect(page.getByText('A result that you saw was corrected')).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('what it said, and what it says', async () => {
    for (const language of ['en', 'zh-CN'] satisfies Language[]) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await open(page, '/work', language);
      await settled(page);
      expect.soft(await look(page, 'corrected-notice', language, LOOKS)).toEqual([]);
      await open(page, '/corrections', language);
      await settled(page);
      expect.soft(await look(page, 'corrected-list', language, LOOKS)).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, '/corrections', 'en');
    const row = page.getByRole('row', { name: /Potassium/ });
    await expect(row).toContainText('7.1 mmol/L');
    await expect(row).toContainText('4.1 mmol/L');
    await expect(page.getByRole('link', { name: /Kong Yi/ })).toHaveAttribute('href', `/patients/${patient.id}`);
  });
  await test.step('opening the record closes nothing', async () => {
    await page.getByRole('link', { name: /Kong Yi/ }).click();
    await expect(page.getByText('4.1').first()).toBeVisible();
    await expect(page.getByText('A result that you saw was corrected')).toBeVisible();
    await page.getByRole('link', { name: 'See what changed' }).or(page.locator('.corrected a')).first().click();
  });
  await test.step('they say that they have seen it', async () => {
    await page.getByRole('button', { name: /I have seen this/ }).click();
    await expect(page.getByText('Nothing was corrected')).toBeVisible();
    await page.goto(`${demo().http}/quality`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('A result that you saw was corrected')).toHaveCount(0);
  });
  expect(faults).toEqual([]);
});
