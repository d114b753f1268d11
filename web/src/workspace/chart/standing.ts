import type { AllergyEntry, Chart, MedicationEntry, ProblemEntry } from '../../api/chart';

/** How an entry stands: as something to act on, as something that was, or as something that should not be there. */
export type Standing = 'current' | 'past' | 'in-error';

/** Uncertain and refuted entries are told in words; both are read before one that is in force. */
export type Certainty = 'uncertain' | 'refuted' | null;

const PAST_CLINICAL = ['inactive', 'resolved', 'remission'];
const UNCERTAIN = ['unconfirmed', 'provisional', 'differential'];
const TAKEN = ['active', 'intended', 'on-hold', 'unknown', 'draft'];

export function standingOfProblem({ status, verification }: ProblemEntry): Standing {
  if (verification === 'entered-in-error') return 'in-error';
  return verification === 'refuted' || PAST_CLINICAL.includes(status ?? '') ? 'past' : 'current';
}

export function standingOfAllergy({ clinical, verification }: AllergyEntry): Standing {
  if (verification === 'entered-in-error') return 'in-error';
  return verification === 'refuted' || PAST_CLINICAL.includes(clinical ?? '') ? 'past' : 'current';
}

export function standingOfMedication({ status }: MedicationEntry): Standing {
  if (status === 'entered-in-error') return 'in-error';
  return TAKEN.includes(status) ? 'current' : 'past';
}

export function certaintyOf(verification: string | null): Certainty {
  if (verification === 'refuted') return 'refuted';
  return UNCERTAIN.includes(verification ?? '') ? 'uncertain' : null;
}

/** Entries by how they stand, each list in the order it came. */
export function byStanding<T>(entries: readonly T[], standing: (entry: T) => Standing): Record<Standing, T[]> {
  const found: Record<Standing, T[]> = { current: [], past: [], 'in-error': [] };
  for (const entry of entries) found[standing(entry)].push(entry);
  return found;
}

/**
 * What is known of allergies: some that stand; that the patient was asked and has none; or nothing, which is not the same.
 * Where the record says both, the allergies count, and the contradiction is told.
 */
export interface AllergyState {
  state: 'some' | 'none-known' | 'not-asked';
  standing: AllergyEntry[];
  contradicted: boolean;
}

export function allergiesOf({ allergies }: Pick<Chart, 'allergies'>): AllergyState {
  const standing = allergies.filter((one) => standingOfAllergy(one) === 'current');
  const known = standing.filter((one) => !one.none_known);
  const asked = standing.some((one) => one.none_known);
  if (known.length === 0) return { state: asked ? 'none-known' : 'not-asked', standing: [], contradicted: false };
  const first = (one: AllergyEntry): number => (one.criticality === 'high' ? 0 : 1);
  return { state: 'some', standing: known.sort((a, b) => first(a) - first(b)), contradicted: asked };
}
