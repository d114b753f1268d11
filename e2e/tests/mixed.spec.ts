import { expect } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, askAbout, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { expectHearsAll, humAt } from '../harness/tone.ts';
import { wireOf } from '../harness/wire.ts';

/** Hz: none a multiple of another. */
const [PATIENT, CLINICIAN, CONSULTANT] = [440, 1000, 1460];

test('two on video and one on sound alone: everybody hears both of the others', async ({ people }) => {
  test.setTimeout(240_000);
  const treating = await someClinician();
  const asked = await someClinician(treating.organization);
  const patient = await people.withPhone('patient');
  const clinician = await people.atDesk('clinician');
  const consultant = await people.atDesk('consultant');
  await humAt(patient.context, PATIENT);
  await humAt(clinician.context, CLINICIAN);
  await humAt(consultant.context, CONSULTANT);
  const wire = await wireOf(patient.context, demo().media!);
  wire.cut();
  const session = await become(treating, clinician.context);
  await become(asked, consultant.context);
  const visit = await walkIn(session, { name: 'Shen Jing', birth_date: '1990-09-12', phone: '13700000078' });
  await arrive(patient.context.request, visit);
  await askAbout(session, visit, asked, 'What is it?');
  await letIn(session, visit);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await consultant.page.goto(`${demo().http}/consults/${visit.visitId}`);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);

  await test.step('the two on video see each other', async () => {
    // On a machine that stands still for a moment a picture may be paused first, and comes back by the long way.
    await expectSeesAndHears(clinician.page, 60_000);
    await expectSeesAndHears(consultant.page, 60_000);
  });
  await test.step('all three hear each other', async () => {
    await expectHearsAll(patient.page, [CLINICIAN, CONSULTANT], 30_000);
    await expectHearsAll(clinician.page, [PATIENT, CONSULTANT], 30_000);
    await expectHearsAll(consultant.page, [PATIENT, CLINICIAN], 30_000);
  });
  await test.step('the one on sound comes to video, and all still hear each other', async () => {
    wire.mend();
    await expectSeesAndHears(patient.page, 60_000);
    await expectHearsAll(patient.page, [CLINICIAN, CONSULTANT], 30_000);
    await expectHearsAll(clinician.page, [PATIENT, CONSULTANT], 30_000);
    await expectHearsAll(consultant.page, [PATIENT, CLINICIAN], 30_000);
  });
  for (const { faults } of [patient, clinician, consultant]) expect(faults).toEqual([]);
  wire.close();
});
