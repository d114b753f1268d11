import { expect } from '@playwright/test';
import { openVisit } from '../harness/clinician.ts';
import { arrive, become, letIn, someClinician, walkIn } from '../harness/clinic.ts';
import { expectSeesAndHears } from '../harness/media.ts';
import { test } from '../harness/people.ts';
import { demo } from '../harness/ready.ts';
import { leaveOnly, wayOf } from '../harness/rungs.ts';

test('one has nothing but TCP and the other nothing but TURN: both see and hear', async ({ people }) => {
  test.setTimeout(90_000);
  const treating = await someClinician();
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient');
  await leaveOnly(patient.context, 'tcp');
  await leaveOnly(clinician.context, 'relay');
  const session = await become(treating, clinician.context);
  const visit = await walkIn(session, { name: 'Shen Bo', birth_date: '1984-06-30', phone: '13700000044' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);

  await test.step('both ways carry pictures and sound', async () => {
    await expectSeesAndHears(patient.page);
    await expectSeesAndHears(clinician.page);
    expect(await wayOf(patient.page)).toMatchObject({ protocol: 'tcp' });
    expect(await wayOf(clinician.page)).toMatchObject({ protocol: 'udp', kind: 'relay', relayProtocol: 'tcp' });
  });
  await test.step('a reload comes back by the same way', async () => {
    await clinician.page.reload();
    await expectSeesAndHears(clinician.page, 10_000);
    await expectSeesAndHears(patient.page, 10_000);
    expect(await wayOf(clinician.page)).toMatchObject({ kind: 'relay' });
  });
});
