import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, someClinician, someone } from '../harness/clinic.ts';
import { actions, admit, eczema, endVisit, sign, writeNote } from '../harness/clinician.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { agree, answer, checkDevices, confirmBirthDate, rash } from '../harness/patient.ts';
import { test, type Language } from '../harness/people.ts';
import { demo, demoPassword } from '../harness/ready.ts';
import { field, kinds, receiver } from '../harness/receiver.ts';
import { look, open, settled } from '../harness/screens.ts';

const NAME = 'Tang Wu';
const BIRTH_DATE = '1981-04-09';
const LOOKS = [1280, 390].flatMap((width) => [{ theme: 'light' as const, width }, { theme: 'dark' as const, width }]);

/** The screen as it stands, at every width and in both colours, in both languages. */
async function lookInBoth(page: Page, name: string, at: string): Promise<void> {
  for (const language of ['en', 'zh-CN'] satisfies Language[]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(page, at, language);
    await settled(page);
    expect.soft(await look(page, `told-elsewhere-${name}`, language, LOOKS)).toEqual([]);
  }
  await open(page, at, 'en');
  await page.setViewportSize({ width: 1280, height: 800 });
  await settled(page);
}

/** Books a visit on the first day that has a free time; the patient's link. */
async function book(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Book a visit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'New patient' }).click();
  await dialog.getByLabel('Name').fill(NAME);
  await dialog.getByLabel('Birth date').fill(BIRTH_DATE);
  await dialog.getByLabel('Phone').fill('13700000095');
  await dialog.getByText('Female', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Add the patient' }).click();
  const times = dialog.getByRole('radio', { name: /^\d{1,2}:\d{2}( [AP]M)?$/ });
  for (let ahead = 1; ahead < 8; ahead += 1) {
    const day = new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    await dialog.getByLabel('Day').fill(day);
    await expect(times.first().or(dialog.getByText(/^No free time on this day/))).toBeAttached();
    if ((await times.count()) > 0) break;
  }
  await times.first().check({ force: true });
  await dialog.getByLabel('Reason for the visit (optional)').fill('A rash');
  await dialog.getByRole('button', { name: 'Book', exact: true }).click();
  const url = await dialog.getByRole('textbox', { name: 'Link for the patient' }).inputValue();
  await dialog.getByRole('button', { name: 'Open the visit' }).click();
  await expect(actions(page)).toBeVisible();
  return url;
}

test('a visit that is booked, held and signed is told to the hospital', async ({ people }) => {
  test.setTimeout(300_000);
  const hospital = await receiver();
  const administrator = await people.atDesk('administrator');
  await become(await someone('administrator'), administrator.context);
  const { page } = administrator;

  await test.step('an administrator says whom to tell', async () => {
    await page.goto(`${demo().http}/admin/messages/destinations`);
    await expect(page.getByText('No other system is told yet.')).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Add a destination' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog.getByLabel('Host', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('Name').fill('The county hospital');
    await dialog.getByLabel('Host', { exact: true }).fill('127.0.0.1');
    await dialog.getByLabel('Port', { exact: true }).fill(String(hospital.port));
    await dialog.getByLabel(/^Its application/).fill('HIS');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('row', { name: /The county hospital/ })).toBeVisible();
  });

  const clinician = await people.atDesk('clinician');
  await become(await someClinician(), clinician.context);
  await clinician.page.goto(`${demo().http}/work`);
  const link = await book(clinician.page);
  await expect.poll(() => kinds(hospital)).toEqual(['SIU^S12']);
  expect(field(hospital, 'SIU', 'SCH', 25)).toContain('Booked');
  expect(field(hospital, 'SIU', 'PID', 7)).toBe(BIRTH_DATE.replaceAll('-', ''));

  await test.step('the visit is held and signed', async () => {
    const patient = await people.withPhone('patient');
    await confirmBirthDate(patient.page, link, BIRTH_DATE);
    await checkDevices(patient.page);
    await agree(patient.page, NAME);
    await answer(patient.page, rash);
    await admit(clinician.page);
    await expectSeesAndHears(patient.page);
    await expect.poll(() => kinds(hospital).at(-1)).toBe('ADT^A04');
    await writeNote(clinician.page, eczema);
    await endVisit(clinician.page);
    await expect.poll(() => kinds(hospital).at(-1)).toBe('ADT^A03');
    hospital.refuses = 'MDM^T02';
    await sign(clinician.page, await demoPassword());
    expect(patient.faults).toEqual([]);
  });
  await test.step('what the hospital refuses waits for people', async () => {
    await expect.poll(() => kinds(hospital).filter((kind) => kind === 'MDM^T02').length, { timeout: 30_000 }).toBe(3);
    await page.reload();
    await page.getByRole('link', { name: /1 refused or not made/ }).click();
    const row = page.getByRole('row', { name: /MDM\^T02/ });
    await expect(row).toBeVisible();
    await lookInBoth(page, 'refused', new URL(page.url()).pathname + new URL(page.url()).search);
  });
  await test.step('it is sent again once the hospital takes it', async () => {
    hospital.refuses = null;
    await page.getByRole('row', { name: /MDM\^T02/ }).getByRole('link').first().click();
    await expect(page.getByText('TXA', { exact: true })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => kinds(hospital).filter((kind) => kind === 'MDM^T02').length).toBe(4);
    expect(field(hospital, 'MDM', 'TXA', 17)).toBe('LA');
    const parts = hospital.came.at(-1)!.filter((segment) => segment.startsWith('OBX|'));
    expect(parts[0]).toContain(eczema.subjective);
    const pdf = parts.at(-1)!.split('|')[5]!.split('^');
    expect(pdf[2]).toBe('PDF');
    expect(Buffer.from(pdf[4]!, 'base64').subarray(0, 5).toString()).toBe('%PDF-');
    await lookInBoth(page, 'message', new URL(page.url()).pathname);
  });
  await test.step('the desk shows all of it', async () => {
    await lookInBoth(page, 'list', '/admin/messages/outgoing');
    for (const kind of ['SIU\\^S12', 'ADT\\^A04', 'ADT\\^A03', 'MDM\\^T02'])
      await expect(page.getByRole('row', { name: new RegExp(kind) }).getByText('Acknowledged').first()).toBeVisible();
  });
  await test.step('a hospital that is down is said to be, and is left out', async () => {
    await hospital.close();
    await clinician.page.goto(`${demo().http}/work`);
    await book(clinician.page);
    await page.goto(`${demo().http}/admin/messages/destinations`);
    await expect(page.getByText('Nothing answers at this address.')).toBeVisible({ timeout: 30_000 });
    await lookInBoth(page, 'down', '/admin/messages/destinations');
    await page.getByRole('button', { name: 'Try The county hospital now' }).click();
    await page.getByRole('row', { name: /The county hospital/ }).getByRole('button', { name: /^Actions/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('No other system is told yet.')).toBeVisible();
  });
  expect(administrator.faults).toEqual([]);
  expect(clinician.faults).toEqual([]);
});
