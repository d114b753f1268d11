import type { NextStep, Visit } from '../api/messages';

/** The steps as the patient counts them. */
export const STEPS = ['device', 'consent', 'intake', 'waiting', 'call', 'plan'] as const;
export type Step = (typeof STEPS)[number];
/** A page below the visit: one of its steps, or what may be read beside them. */
export type VisitPart = Step | 'accesses';

/** Pages that may be open while the visit's next step is the key; the first is where it goes by itself. */
const OPEN: Record<NextStep, readonly VisitPart[]> = {
  device: ['device'],
  consent: ['consent', 'device'],
  intake: ['intake', 'device', 'consent'],
  waiting: ['waiting', 'device', 'intake', 'accesses'],
  call: ['call'],
  ended: ['plan', 'accesses'],
  plan: ['plan', 'accesses'],
};

/** Where the patient should be: the page asked for when it is open, else the one that comes next. */
export function pageFor(visit: Pick<Visit, 'next' | 'state'>, asked: string | undefined): VisitPart {
  const open = openNow(visit);
  return open.find((step) => step === asked) ?? open[0] ?? 'device';
}

function openNow(visit: Pick<Visit, 'next' | 'state'>): readonly VisitPart[] {
  // Answers given but not yet handed in: check them once more before going in.
  if (visit.next === 'waiting' && visit.state === 'planned') return ['intake', 'device', 'consent'];
  return OPEN[visit.next];
}

export function stepNumber(step: Step): number {
  return STEPS.indexOf(step) + 1;
}
