import { expect, type Page } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, demoPeople, someone, type DemoPerson, type Session } from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { appear, look } from '../harness/screens.ts';

const BORN = '1971-09-09';

async function clinicianOf(desk: DemoPerson): Promise<DemoPerson> {
  return (await demoPeople()).find(({ role, organization }) => role === 'clinician' && organization === desk.organization)!;
}

/** A record under a name; the two of this story share birth date and phone. */
async function takeIn(session: Session, name: string, identifier?: string): Promise<string> {
  const { patient } = await session.ask<{ patient: { id: string } }>('POST', '/api/patients', {
    name,
    birth_date: BORN,
    sex: 'male',
    phone: '13700000091',
    language: 'en',
    ...(identifier && { identifier: { system: 'https://demo.example/number', value: identifier } }),
  });
  return patient.id;
}

async function namesOfChart(session: Session, patient: string): Promise<string> {
  const chart = await session.ask<{ patient: { name: string } }>('GET', `/api/patients/${patient}/chart`);
  return chart.patient.name;
}

/** The pair in the list, which comes a moment after the second record was written. */
async function pairOf(page: Page, name: string) {
  const pair = page.getByRole('article', { name: new RegExp(name) });
  await expect(async () => {
    await page.goto(`${demo().http}/identity`);
    await expect(pair.first()).toBeVisible({ timeout: 3_000 });
  }).toPass({ timeout: 40_000 });
  return pair.first();
}

const LOOKS = [1280, 390].flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ theme, width })));

test('the record office finds two records of one person, makes them one, and takes them apart again', async ({ people }) => {
  test.setTimeout(180_000);
  const receptionist = await someone('front-desk');
  const doctor = await become(await clinicianOf(receptionist));
  const { page, context, faults } = await people.atDesk('front desk');
  const desk = await become(receptionist, context);
  const [old, now] = [await takeIn(desk, 'Ma Chao'), await takeIn(desk, 'Chao Ma', 'D-2001')];

  await test.step('the pair is there, with why', async () => {
    const pair = await pairOf(page, 'Chao');
    await expect(pair.getByText('Possible duplicate')).toBeVisible();
    await expect(pair.getByText(/^Agree: .*birth date/)).toBeVisible();
    await expectAccessible(page);
    expect.soft(await look(page, 'identity-desk-pairs', 'en', LOOKS)).toEqual([]);
    await appear(page, LOOKS[0]!);
    await pair.getByRole('button', { name: 'Compare' }).click();
    await expectAccessible(page);
    expect.soft(await look(page, 'identity-desk-compare', 'en', LOOKS)).toEqual([]);
    await appear(page, LOOKS[0]!);
  });
  await test.step('they choose who stays, and say how they know', async () => {
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Merge' }).click();
    await expect(dialog.getByText('Choose the record that stays.')).toBeVisible();
    await expect(dialog.getByText('Give the reason.')).toBeVisible();
    await dialog.getByText(/Chao Ma · .*D-2001/).click();
    await dialog.getByLabel('Reason').fill('One passport, seen today');
    await dialog.getByRole('button', { name: 'Merge' }).click();
    await expect(page.getByRole('status').filter({ hasText: 'Chao Ma' })).toBeVisible();
    await expect(page.getByRole('article', { name: /Ma Chao and|and Ma Chao/ })).toHaveCount(0);
  });
  await test.step('the clinician reads one record, by either', async () => {
    for (const patient of [old, now]) expect(await namesOfChart(doctor, patient)).toBe('Chao Ma');
    const { patients } = await desk.ask<{ patients: { name: string }[] }>('GET', '/api/patients?query=Ma%20Chao');
    expect(patients.filter(({ name }) => /Chao/.test(name)).map(({ name }) => name)).toEqual(['Chao Ma']);
  });
  await test.step('and it is undone', async () => {
    await page.getByRole('tab', { name: 'Merges of late' }).click();
    const merge = page.getByRole('article', { name: 'Ma Chao into Chao Ma' });
    await expect(merge.getByText('One passport, seen today')).toBeVisible();
    await merge.getByRole('button', { name: 'Undo the merge' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Father and son');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Undo the merge' }).click();
    await expect(merge.getByText('Undone')).toBeVisible();
    expect(await namesOfChart(doctor, old)).toBe('Ma Chao');
  });
  await test.step('they are two people, and it is not asked again', async () => {
    const pair = await pairOf(page, 'Ma Chao');
    await pair.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Not the same person' }).click();
    await expect(page.getByRole('article', { name: /Ma Chao/ })).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('tab', { name: 'To look at' })).toBeVisible();
    await expect(page.getByRole('article', { name: /Ma Chao/ })).toHaveCount(0);
  });
  expect(faults).toEqual([]);
  expect((await doctor.send('POST', `/api/patients/${old}/merge`, { into: now, reason: 'x' })).status()).toBe(403);
});

test('whoever claims an identifier that is another\'s is refused, and the claim is looked into', async ({ people }) => {
  const { page, context } = await people.atDesk('front desk');
  const desk = await become(await someone('front-desk'), context);
  await takeIn(desk, 'Huang Zhong', 'D-2002');
  const claim = {
    name: 'Wei Yan',
    birth_date: '1999-01-31',
    sex: 'male',
    phone: '',
    language: 'en',
    identifier: { system: 'https://demo.example/number', value: 'D-2002' },
  };
  expect((await desk.send('POST', '/api/patients', claim)).status()).toBe(409);
  await page.goto(`${demo().http}/identity`);
  const refused = page.getByRole('article', { name: 'Wei Yan was not taken in' });
  await expect(refused.getByText(/It is that of Huang Zhong/)).toBeVisible();
  await refused.getByRole('button', { name: 'Settled' }).click();
  await expect(refused).toHaveCount(0);
});
