import { expect } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { become, confirm, demoPeople, someClinician, stepsOf, walkIn } from '../harness/clinic.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';

const ADDED = { en: 'Your visit may be repeated once without charge.', zh: '本次就诊可免费复诊一次。' };

test('a new text of consent is written, shown as patients will see it, published, and read by the next patient', async ({ people }) => {
  const { page, context } = await people.atDesk('administrator');
  await become((await demoPeople()).find(({ role }) => role === 'administrator')!, context);
  await page.goto(`${demo().http}/admin/consents`);
  const versions = page.getByRole('table').getByRole('row');
  await expect(versions.first()).toBeVisible();
  const before = await versions.count();
  await page.getByRole('button', { name: /^(Write a new version|Go on with the draft)$/ }).click();
  const dialog = page.getByRole('dialog');
  for (const language of ['English', 'Chinese'] as const) {
    const field = dialog.getByLabel(language);
    const added = language === 'English' ? ADDED.en : ADDED.zh;
    await field.fill(`${await field.inputValue()}\n\n${added}`);
  }
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByText(ADDED.en)).toBeVisible();
  await expect(dialog.getByText(ADDED.zh)).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(dialog).toBeHidden();
  await expect(versions).toHaveCount(before + 1);

  const clinician = await become(await someClinician());
  const visit = await walkIn(clinician, { name: 'Rong Wen', birth_date: '1990-05-05', phone: '13700000091' });
  const patient = await people.withPhone('patient');
  await stepsOf(await confirm(patient.context.request, visit), visit).checkDevices('ok', 'ok');
  await patient.page.goto(`${demo().http}/v/${visit.visitId}/consent?lang=en`);
  await expect(patient.page.getByText(ADDED.en)).toBeVisible();
  await patient.page.goto(`${demo().http}/v/${visit.visitId}/consent?lang=zh-CN`);
  await expect(patient.page.getByText(ADDED.zh)).toBeVisible();
});
