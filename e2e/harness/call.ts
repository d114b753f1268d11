import type { Browser, BrowserContext } from '@playwright/test';
import { openVisit } from './clinician.ts';
import { arrive, become, letIn, someClinician, walkIn, type Booked, type Session } from './clinic.ts';
import { expectSeesAndHears } from './media.ts';
import type { People, Person } from './people.ts';
import { demo } from './ready.ts';

/** A patient with a phone and a clinician at a desk, on the pages of their call. */
export interface Two {
  patient: Person;
  clinician: Person;
  session: Session;
  visit: Booked;
}

export interface Beginning {
  /** Before a page is opened. */
  prepare?(context: BrowserContext): Promise<unknown>;
  /** The phone's own browser. */
  phone?: Browser;
}

/** Lets the two into their call. */
export async function twoMeet(people: People, { prepare, phone }: Beginning = {}): Promise<Two> {
  const clinician = await people.atDesk('clinician');
  const patient = await people.withPhone('patient', 'en', phone);
  for (const { context } of [clinician, patient]) await prepare?.(context);
  const session = await become(await someClinician(), clinician.context);
  const visit = await walkIn(session, { name: 'Wu Lan', birth_date: '1966-02-14', phone: '13700000046' });
  await arrive(patient.context.request, visit);
  await patient.page.goto(`${demo().http}/v/${visit.visitId}`);
  await clinician.page.goto(`${demo().http}/work`);
  await openVisit(clinician.page, visit.visitId);
  await letIn(session, visit);
  return { patient, clinician, session, visit };
}

/** The same, until both see and hear. */
export async function twoInCall(people: People, beginning: Beginning = {}): Promise<Two> {
  const two = await twoMeet(people, beginning);
  for (const { page } of [two.patient, two.clinician]) await expectSeesAndHears(page);
  return two;
}
