import type { NextStep, Visit } from '../api/messages';

/** The steps as the patient counts them. */
export const STEPS = ['device', 'consent', 'intake', 'waiting', 'call', 'plan'] as const;
export type Step = (typeof STEPS)[number];

/** Pages that may be open while the visit's next step is the key; the first is where it goes by itself. */
const OPEN: Record<NextStep, readonly Step[]> = {
  device: ['device'],
  consent: ['consent', 'device'],
  intake: ['intake', 'device', 'consent'],
  waiting: ['waiting', 'device', 'intake'],
  call: ['call'],
  ended: ['plan'],
  plan: ['plan'],
};

/** Where the patient should be: the page asked for when it is open, else the one that comes next. */
export function pageFor(visit: Pick<Visit, 'next' | 'state'>, asked: string | undefined): Step {
  const open = openNow(visit);
  return open.find((step) => step === asked) ?? open[0] ?? 'device';
}

function openNow(visit: Pick<Visit, 'next' | 'state'>): readonly Step[] {
  // Answers given but not yet handed in: check them once more before going in.
  if (visit.next === 'waiting' && visit.state === 'planned') return ['intake', 'device', 'consent'];
  return OPEN[visit.next];
}

export function stepNumber(step: Step): number {
  return STEPS.indexOf(step) + 1;
}
