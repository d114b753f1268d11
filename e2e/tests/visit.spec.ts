import { expect } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { admit, eczema, endVisit, openVisit, sign, signIn, writeNote } from '../harness/clinician.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { agree, answer, checkDevices, confirmBirthDate, rash } from '../harness/patient.ts';
import { test } from '../harness/people.ts';
import { demo, demoPassword, linkInfo } from '../harness/ready.ts';

test('a visit, from the link to the downloaded plan', async ({ people }) => {
  test.setTimeout(180_000);
  const { links } = demo();
  const { visit_id, practitioner_name } = await linkInfo(links.patient);
  const patient = await people.withPhone('patient');
  const clinician = await people.atDesk('clinician');

  await test.step('the patient comes in', async () => {
    await confirmBirthDate(patient.page, links.patient, links.patient_birth_date);
    await checkDevices(patient.page);
    await agree(patient.page, 'Chen Wei');
    await answer(patient.page, rash);
    await expectAccessible(patient.page);
  });
  await test.step('the clinician admits', async () => {
    await signIn(clinician.page, links.clinician, practitioner_name);
    await expectAccessible(clinician.page);
    await openVisit(clinician.page, visit_id);
    await admit(clinician.page);
  });
  await test.step('they see and hear each other', async () => {
    await expectSeesAndHears(patient.page);
    await expectSeesAndHears(clinician.page);
  });
  await test.step('the note is written, the visit ends, the note is signed', async () => {
    await writeNote(clinician.page, eczema);
    await endVisit(clinician.page);
    await sign(clinician.page, await demoPassword());
  });
  await test.step('the patient reads and keeps the plan', async () => {
    const { page } = patient;
    await expect(page.getByRole('heading', { level: 1, name: 'Your plan' })).toBeVisible();
    await expect(page.getByText(eczema.goToHospitalIf)).toBeVisible();
    await page.getByRole('button', { name: 'I have read and understood' }).click();
    await expect(page.getByText('You confirmed that you have read your plan')).toBeVisible();
    await expectAccessible(page);
  });
  expect([...patient.faults, ...clinician.faults]).toEqual([]);
});
