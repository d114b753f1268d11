import { expect, request, type APIRequestContext, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { actions, openPart } from '../harness/clinician.ts';
import { arrive, become, demoPeople, letIn, someClinician, walkIn, type Session } from '../harness/clinic.ts';
import { createToken, saveNote } from '../harness/filled.ts';
import { test } from '../harness/people.ts';
import { demo, demoPassword } from '../harness/ready.ts';

const NUMBER = 'RECORD-2026-1';

/** What another system writes, as a program does. */
class Program {
  readonly #requests: APIRequestContext;
  readonly #token: string;

  constructor(requests: APIRequestContext, token: string) {
    this.#requests = requests;
    this.#token = token;
  }

  async write(resource: { resourceType: string } & Record<string, unknown>): Promise<void> {
    const answer = await this.#requests.post(`${demo().http}/fhir/${resource.resourceType}`, {
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/fhir+json' },
      data: resource,
    });
    expect(answer.status(), await answer.text()).toBe(201);
  }

  weight(patientId: string, day: string, quantity: object): Promise<void> {
    return this.write({
      resourceType: 'Observation',
      status: 'final',
      category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Weight as sent' },
      subject: { reference: `Patient/${patientId}` },
      effectiveDateTime: `${day}T08:00:00Z`,
      valueQuantity: quantity,
    });
  }
}

let clinician: Session;
let colleague: { session: Session; name: string };
let program: Program;

test.beforeAll(async () => {
  const own = await someClinician();
  clinician = await become(own);
  const other = (await demoPeople()).find(
    ({ role, organization, key }) => role === 'clinician' && organization === own.organization && key !== own.key,
  )!;
  colleague = { session: await become(other), name: other.name };
  program = new Program(await request.newContext(), createToken());
});

async function takeIn(name: string, number: string): Promise<string> {
  const { patient } = await clinician.ask<{ patient: { id: string } }>('POST', '/api/patients', {
    name,
    birth_date: '1961-02-03',
    sex: 'female',
    phone: '13700000091',
    language: 'en',
    identifier: { system: 'urn:bianque:record-number', value: number },
  });
  return patient.id;
}

const ucum = (value: number, code: string) => ({ value, unit: code, system: 'http://unitsofmeasure.org', code });
const card = (page: Page, name: string) =>
  page.locator('section.card').filter({ has: page.getByRole('heading', { name, exact: true, level: 3 }) });

test('a patient is found, their record is read and kept, and no change of another is lost', async ({ people }) => {
  test.setTimeout(240_000);
  const patientId = await takeIn('秦越人', NUMBER);
  await takeIn('Qin Other', 'RECORD-2026-2');
  for (const [day, value] of [['2026-01-05', 80], ['2026-02-05', 79.2], ['2026-03-05', 78.5]] as const)
    await program.weight(patientId, day, ucum(value, 'kg'));
  for (const [day, value] of [['2025-11-05', 178], ['2025-12-05', 177]] as const)
    await program.weight(patientId, day, ucum(value, '[lb_av]'));
  await program.weight(patientId, '2026-02-20', { value: 158, unit: '斤' });
  const { page, context, faults } = await people.atDesk('clinician');
  await become(await someClinician(), context);

  await test.step('by the beginning of the name in pinyin and the birth date, with the keyboard alone', async () => {
    await page.goto(`${demo().http}/patients`);
    await expect(page.getByRole('searchbox')).toBeFocused();
    await page.keyboard.type('qin 1961年2月3日');
    await expect(page.getByRole('option')).toHaveCount(2);
    await page.getByRole('searchbox').fill(NUMBER);
    await expect(page.getByRole('option')).toHaveCount(1);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`/patients/${patientId}$`));
  });
  await test.step('the record says whose it is, and that nobody asked about allergies', async () => {
    await expect(page.getByRole('heading', { level: 1, name: '秦越人' })).toBeVisible();
    await expect(page.locator('.record-facts')).toContainText('3 Feb 1961');
    await expect(page.locator('.record-facts')).toContainText(NUMBER);
    await expect(card(page, 'Allergies')).toContainText('Not asked');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Asked: no known allergies' }).click();
    await expect(card(page, 'Allergies').getByRole('listitem')).toContainText('No known allergies');
  });
  await test.step('a plot is of one unit, and a value without one of UCUM is in none', async () => {
    await expect(page.getByRole('img', { name: /^Body weight in kg: 3 values/ })).toBeVisible();
    await expect(page.getByRole('img', { name: /^Body weight in lb: 2 values/ })).toBeVisible();
    await expect(page.locator('.plot')).toHaveCount(2);
    await expect(page.locator('.plot circle')).toHaveCount(5);
    const sent = page.getByRole('region', { name: 'As it was sent' }).first();
    await expect(sent).toContainText('158 斤');
    await expect(sent).toContainText('is not one of UCUM');
    await expect(page.getByRole('table', { name: 'Values of Body weight, kg' })).toContainText('78.5');
  });
  await test.step('a problem is noted with its code', async () => {
    await page.getByRole('button', { name: 'Add a problem' }).click();
    const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
    await dialog.getByRole('searchbox').fill('I10');
    await page.getByRole('option', { name: /I10/ }).first().click();
    await dialog.getByLabel('Since').fill('2019-13');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog.getByText('Write a year, 2024-05 or 2024-05-31.')).toBeVisible();
    await dialog.getByLabel('Since').fill('2019-05');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(card(page, 'Problems')).toContainText('I10');
    await expect(card(page, 'Problems')).toContainText('since May 2019');
  });
  await test.step('somebody else resolves it while the form is open: both changes are shown, and both are kept', async () => {
    await card(page, 'Problems').getByRole('button', { name: /^Change / }).click();
    const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
    const chart = await clinician.ask<{ conditions: { id: string; version: number; text: string; code: string; system: string }[] }>(
      'GET',
      `/api/patients/${patientId}/chart`,
    );
    const { id, version, text, code, system } = chart.conditions[0]!;
    const theirs = { text, code: { system, code }, clinical: 'remission', verification: 'confirmed', onset: '2019-05', abatement: '', note: '' };
    const at = `/api/patients/${patientId}/problems/${id}`;
    await colleague.session.ask('PUT', at, theirs, { 'if-match': `W/"${version}"` });
    await dialog.getByLabel('Note').fill('Measured at home.');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog.getByText('Somebody else has changed this entry')).toBeVisible();
    await expect(dialog).toContainText(colleague.name);
    await expect(dialog.locator('.changes')).toContainText('In remission');
    await expect(dialog.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Keep my changes on top' }).click();
    await expect(dialog.getByText('Taken from them: State.')).toBeVisible();
    await expect(dialog.getByLabel('Note')).toHaveValue('Measured at home.');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: '1 that is over or was refuted' }).click();
    await expect(card(page, 'Problems')).toContainText('In remission');
    await expect(card(page, 'Problems')).toContainText('Measured at home.');
    // Without a version, and with an old one, nothing is changed.
    expect((await colleague.session.send('PUT', at, theirs)).status()).toBe(400);
    expect((await colleague.session.send('PUT', at, theirs, { 'if-match': 'W/"1"' })).status()).toBe(412);
  });
  await test.step('its history says who changed what', async () => {
    await card(page, 'Problems').getByRole('button', { name: /^History of / }).click();
    const versions = page.getByRole('dialog').locator('.versions > li');
    await expect(versions).toHaveCount(3);
    await expect(versions.nth(0)).toContainText('Measured at home.');
    await expect(versions.nth(1)).toContainText(colleague.name);
    await expect(versions.nth(1)).toContainText('In remission');
    await expectAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  });
  await test.step('a second patient in the window closes the first, and says so', async () => {
    await page.keyboard.press('/');
    await page.getByRole('searchbox').fill('RECORD-2026-2');
    await page.getByRole('option').first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Qin Other' })).toBeVisible();
    await expect(page.getByText('The record of 秦越人, born 3 Feb 1961, was closed')).toBeVisible();
    await expect(page.getByText('Hypertension')).toHaveCount(0);
    await expectAccessible(page);
  });
  expect(faults.filter((fault) => !/record\.changed|412 \(/.test(fault))).toEqual([]);
});

test('a note is signed for a named patient, and not over a chart that changed', async ({ people }) => {
  test.setTimeout(120_000);
  const { page, context } = await people.atDesk('clinician');
  await become(await someClinician(), context);
  const visit = await walkIn(clinician, { name: 'Qin Sign', birth_date: '1968-04-19', phone: '13700000092' });
  await arrive(await request.newContext(), visit);
  await letIn(clinician, visit);
  await saveNote(clinician, visit);
  await clinician.ask('POST', `/api/visits/${visit.visitId}/end`, { reason: 'done' });
  await page.goto(`${demo().http}/work/visits/${visit.visitId}`);
  await openPart(page, 'Chart');
  await expect(page.getByRole('heading', { name: 'Allergies', level: 3 })).toBeVisible();
  await program.write({
    resourceType: 'AllergyIntolerance',
    clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }] },
    code: { text: 'Amoxicillin' },
    patient: { reference: `Patient/${visit.patientId}` },
  });
  await actions(page).getByRole('button', { name: 'Sign the note' }).click();
  const dialog = page.getByRole('dialog');
  await test.step('whose note it is stands above the password', async () => {
    const whose = dialog.getByRole('region', { name: 'Whose note this is' });
    await expect(whose).toContainText('Qin Sign');
    await expect(whose).toContainText('19 Apr 1968');
    await expect(whose).toContainText('no identifier');
    await expectAccessible(page);
  });
  await test.step('the change is shown, and nothing was signed', async () => {
    await dialog.getByLabel('Your password').fill(await demoPassword());
    await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
    await expect(dialog.getByText('The chart changed while you were writing')).toBeVisible();
    await expect(dialog).toContainText('New · Allergy');
    await expect(dialog).toContainText('Amoxicillin');
    const { visit: now } = await clinician.ask<{ visit: { signed: boolean } }>('GET', `/api/visits/${visit.visitId}`);
    expect(now.signed).toBe(false);
    await expectAccessible(page);
  });
  await test.step('once it was read it can be signed', async () => {
    await dialog.getByText('I have read the changes').click();
    await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Signed and locked').first()).toBeVisible();
  });
});
