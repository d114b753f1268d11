import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, demoPeople, someClinician, someone, type Session } from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

/** A patient with a number, as a letter names them. */
interface Numbered {
  id: string;
  number: string;
  birthDate: string;
}

async function administrator(): Promise<Awaited<ReturnType<typeof demoPeople>>[number]> {
  return (await demoPeople()).find(({ role }) => role === 'administrator')!;
}

async function takeIn(clinician: Session, name: string, number: string): Promise<Numbered> {
  const birthDate = '1961-06-07';
  const identifier = { system: 'urn:oid:2.16.840.1.113883.19.5', value: number };
  const asked = { name, birth_date: birthDate, sex: 'female', phone: '13700000081', identifier };
  const { patient } = await clinician.ask<{ patient: { id: string } }>('POST', '/api/patients', asked);
  return { id: patient.id, number, birthDate };
}

test('an administrator keeps records longer, says why, and finds it in the audit', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('administrator');
  const office = await become(await administrator(), context);
  await page.goto(`${demo().http}/admin/retention`);
  const before = await office.ask<{ years: number; least: number }>('GET', '/api/admin/retention');
  const reason = `the law of ${before.years}`;
  await test.step('less than the operator wants is refused on the page', async () => {
    await page.getByRole('button', { name: 'Change the period' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Years').fill(String(before.least - 1));
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText(`A whole number from ${before.least} to 100.`)).toBeVisible();
    await expect(dialog.getByText('Reason is needed.')).toBeVisible();
    await expectAccessible(page);
    await dialog.getByLabel('Years').fill(String(before.years + 5));
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText(`Records are kept for ${before.years + 5} years`)).toBeVisible();
    await expect(page.getByRole('table', { name: 'Decisions so far' })).toContainText(reason);
  });
  await test.step('the audit says who, what and why', async () => {
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await choose(page, 'What', 'Retention');
    await page.getByRole('button', { name: /^Details of retention.set/ }).first().click();
    const details = page.getByRole('dialog');
    await expect(details).toContainText(`${before.years} -> ${before.years + 5} years: ${reason}`);
    await expectAccessible(page);
    await details.getByRole('button', { name: 'Close' }).click();
  });
  await test.step('nobody else changes it, or reads the audit', async () => {
    const clinician = await become(await someClinician());
    const supervisor = await become(await someone('supervisor'));
    for (const stranger of [clinician, supervisor]) {
      for (const path of ['retention', 'holds', 'keys', 'audit', 'audit/state'])
        expect((await stranger.send('GET', `/api/admin/${path}`)).status(), path).toBe(403);
      const body = { years: 50, reason: 'mine', revision: 0 };
      expect((await stranger.send('PUT', '/api/admin/retention', body)).status()).toBe(403);
      expect((await stranger.send('POST', '/api/admin/audit/export', { format: 'csv' })).status()).toBe(403);
    }
  });
  expect(faults).toEqual([]);
});

test('a record with a hold is not destroyed until the hold is taken away', async ({ people }) => {
  const clinician = await become(await someClinician());
  const patient = await takeIn(clinician, 'Ouyang Liu', 'HOLD-7001');
  const { page, context } = await people.atDesk('administrator');
  await become(await administrator(), context);
  await page.goto(`${demo().http}/admin/retention`);
  await test.step('somebody else’s birth date finds nobody', async () => {
    await page.getByRole('button', { name: 'Put a hold on a record' }).click();
    await identify(page, patient.number, '1961-06-08');
    await expect(page.getByText('No patient has this number and this birth date.')).toBeVisible();
    await expectAccessible(page);
  });
  await test.step('the hold is put, with a reason', async () => {
    await identify(page, patient.number, patient.birthDate);
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText(patient.id);
    await expect(dialog).not.toContainText('Ouyang');
    await dialog.getByLabel('Reason').fill('Case 12/2026');
    await dialog.getByRole('button', { name: 'Put the hold' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('row', { name: new RegExp(patient.id) })).toContainText('Case 12/2026');
    await expectAccessible(page);
  });
  expect(shred(patient.id)).toContain('there is a hold on this record');
  await test.step('it is taken away, and only retention keeps the record', async () => {
    await page.getByRole('button', { name: `Take the hold on ${patient.id} away` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Settled');
    await dialog.getByRole('button', { name: 'Take the hold away' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText(patient.id)).toHaveCount(0);
  });
  expect(shred(patient.id)).toContain('this record is kept until');
  await test.step('the audit of that patient holds all of it', async () => {
    await page.getByRole('link', { name: 'Audit', exact: true }).click();
    await page.getByRole('button', { name: 'One patient' }).click();
    await identify(page, patient.number, patient.birthDate);
    const rows = page.getByRole('table', { name: 'Audit' });
    for (const operation of ['patient.create', 'hold.add', 'hold.remove', 'patient.identify'])
      await expect(rows.getByText(operation, { exact: true }).first()).toBeVisible();
    await expect(page.getByText('Ouyang')).toHaveCount(0);
  });
});

test('the audit is narrowed to who did it, and taken away', async ({ people }) => {
  const treating = await someClinician();
  const clinician = await become(treating);
  const patient = await takeIn(clinician, 'Ouyang Qi', 'AUDIT-7002');
  await clinician.ask('GET', `/api/patients/${patient.id}/chart`);
  const { page, context, faults } = await people.atDesk('administrator');
  await become(await administrator(), context);
  await page.goto(`${demo().http}/admin/audit`);
  await choose(page, 'Who', treating.name);
  await choose(page, 'Action', 'read');
  const rows = page.getByRole('table', { name: 'Audit' });
  await expect(rows.getByText('chart.read', { exact: true }).first()).toBeVisible();
  await expect(rows.getByText('patient.create', { exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Take away' }).click();
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Take away' }).click(),
  ]);
  const text = fs.readFileSync(await download.path(), 'utf8');
  const lines = text.trim().split('\r\n');
  expect(download.suggestedFilename()).toBe('audit.csv');
  expect(lines[0]).toContain('sequence,at,action,operation');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines.slice(1)) expect(line).toContain(`,${treating.name},`);
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await choose(page, 'What', 'Audit');
  await expect(rows.getByText('audit.export', { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Signed checkpoints' }).click();
  await expect(page.getByLabel('Checkpoint: Chain of changes')).toHaveValue(/^ey/);
  expect(faults).toEqual([]);
});

test('the keys page names keys and the command, and shows no key', async ({ people }) => {
  const { page, context, faults } = await people.atDesk('administrator');
  await become(await administrator(), context);
  await page.goto(`${demo().http}/admin/keys`);
  await expect(page.getByRole('table', { name: 'Master keys so far' })).toContainText('In use');
  await expect(page.getByLabel('Command')).toHaveValue(/^bianque keys rotate --data /);
  await expectAccessible(page);
  const names = (): Promise<string[]> => page.getByRole('table').getByRole('rowheader').allInnerTexts();
  const [before] = await names();
  run('keys', 'rotate');
  await page.reload();
  await expect.poll(async () => (await names()).length).toBeGreaterThan(1);
  const [now, last] = await names();
  expect(now).not.toBe(before);
  expect(last).toBe(before);
  expect(faults).toEqual([]);
});

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('search').getByRole('button', { name: new RegExp(`${label}$`) }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function identify(page: Page, number: string, birthDate: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Number of the patient').fill(number);
  await dialog.getByLabel('Birth date').fill(birthDate);
  await dialog.getByRole('button', { name: 'Find' }).click();
}

/** What the operator is told who destroys a record. */
function shred(patient: string): string {
  try {
    return run('shred', '--patient', patient, '--reason', 'asked for');
  } catch (error) {
    return String((error as { stderr: string }).stderr);
  }
}

function run(...words: string[]): string {
  const place = ['--data', demo().data!];
  return execFileSync(process.env.BIANQUE_BIN!, [...words, ...place], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
