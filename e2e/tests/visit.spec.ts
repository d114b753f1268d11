import fs from 'node:fs';
import { expect } from '@playwright/test';
import { expectAccessible } from '../harness/accessible.ts';
import { admit, eczema, endVisit, openPart, openVisit, signAfterReadingWhatChanged, signIn, writeNote } from '../harness/clinician.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { agree, answer, checkDevices, confirmBirthDate, rash } from '../harness/patient.ts';
import { test } from '../harness/people.ts';
import { picture } from '../harness/pictures.ts';
import { cutUploadsAfterOnePiece, expectPhotos, noisyJpeg, sendPhoto } from '../harness/photo.ts';
import { expectConsistent, qualityOf, shown } from '../harness/quality.ts';
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
    await picture(patient.page, 'patient-waiting');
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
    await picture(patient.page, 'patient-call');
  });
  await test.step('the patient reloads in the middle of the call and is back within five seconds', async () => {
    await patient.page.reload();
    // Back is the first picture: how many follow in a second is the machine's matter.
    await expectSeesAndHears(patient.page, 5_000, 1);
    await expectSeesAndHears(clinician.page, 5_000, 1);
  });
  await test.step('a photo is cut off in the middle and arrives exactly once', async () => {
    const line = await cutUploadsAfterOnePiece(patient.page);
    await sendPhoto(patient.page, await noisyJpeg(patient.page, 900));
    await expect.poll(() => line.cut()).toBeGreaterThan(0);
    await line.mend();
    await openPart(clinician.page, 'Photos');
    const photos = clinician.page.getByRole('button', { name: /^Open the photo/ });
    await expect(photos).toHaveCount(1, { timeout: 30_000 });
    await expectPhotos(patient.page, 1);
    await expect(photos).toHaveCount(1);
    await patient.page.keyboard.press('Escape');
  });
  await test.step('the note is written, the visit ends, the note is signed', async () => {
    await writeNote(clinician.page, eczema);
    await picture(clinician.page, 'clinician-note');
    await endVisit(clinician.page);
    // The photo came after the chart was read.
    await signAfterReadingWhatChanged(clinician.page, await demoPassword());
  });
  await test.step('the patient reads and keeps the plan', async () => {
    const { page } = patient;
    await expect(page.getByRole('heading', { level: 1, name: 'Your plan' })).toBeVisible();
    await expect(page.getByText(eczema.goToHospitalIf)).toBeVisible();
    await picture(page, 'patient-plan');
    await page.getByRole('button', { name: 'I have read and understood' }).click();
    await expect(page.getByText('You confirmed that you have read your plan')).toBeVisible();
    await expectAccessible(page);
    for (const language of ['English', '中文']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: `PDF, ${language}` }).or(page.getByRole('link', { name: `PDF，${language}` })).click(),
      ]);
      expect(fs.readFileSync(await download.path()).subarray(0, 5).toString()).toBe('%PDF-');
    }
  });
  await test.step('R on the screen is R of the API is T × C / D', async () => {
    const r = expectConsistent(await qualityOf(clinician.page, visit_id));
    await openPart(clinician.page, 'Quality');
    const figure = clinician.page.locator('.figure').filter({ hasText: /^R Quality/ });
    await expect(figure).toContainText(`${shown(r.value)} ${r.unit}`);
    await expectAccessible(clinician.page);
    await picture(clinician.page, 'visit-quality');
    await clinician.page.goto(`${demo().http}/quality`);
    await expect(clinician.page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectAccessible(clinician.page);
    await picture(clinician.page, 'quality-over-visits');
  });
  expect(patient.faults).toEqual([]);
  expect(clinician.faults.filter((fault) => !fault.includes('chart.changed'))).toEqual([]);
});
