import type { Person } from './useCall';

/** At most two of many stand in front: the patient and the clinicians, else whoever came first. */
export function isForemost(person: Person, people: readonly Person[]): boolean {
  const rank = (one: Person): number => ['patient', 'clinician', 'consultant'].indexOf(one.role);
  const before = people.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
  const front = before.length > 0 ? before.slice(0, 2) : people.slice(0, 1);
  return front.includes(person);
}
