import { describe, expect, test } from 'vitest';
import type { AllergyEntry, MedicationEntry, ProblemEntry } from '../../api/chart';
import { allergiesOf, certaintyOf, standingOfAllergy, standingOfMedication, standingOfProblem } from './standing';

const allergy = (changed: Partial<AllergyEntry>): AllergyEntry =>
  ({ id: 'a', text: 'Penicillin', none_known: false, clinical: 'active', verification: 'confirmed', criticality: 'low', ...changed }) as AllergyEntry;

describe('allergies', () => {
  test('not asked is not the same as none known', () => {
    expect(allergiesOf({ allergies: [] }).state).toBe('not-asked');
    expect(allergiesOf({ allergies: [allergy({ none_known: true })] }).state).toBe('none-known');
  });
  test('one that was refuted, resolved or entered in error tells nothing of now', () => {
    const gone = [allergy({ verification: 'refuted' }), allergy({ clinical: 'resolved' }), allergy({ verification: 'entered-in-error', clinical: null })];
    expect(allergiesOf({ allergies: gone }).state).toBe('not-asked');
    expect(gone.map(standingOfAllergy)).toEqual(['past', 'past', 'in-error']);
  });
  test('the worst comes first, and a contradiction counts as an allergy and is told', () => {
    const { state, standing, contradicted } = allergiesOf({
      allergies: [allergy({ id: 'low' }), allergy({ id: 'high', criticality: 'high' }), allergy({ id: 'none', none_known: true })],
    });
    expect([state, standing.map(({ id }) => id), contradicted]).toEqual(['some', ['high', 'low'], true]);
  });
  test('one that says nothing of its state stands', () => {
    expect(standingOfAllergy(allergy({ clinical: null, verification: null }))).toBe('current');
  });
});

test('problems stand, are over, or were entered in error', () => {
  const problem = (status: string | null, verification: string | null): ProblemEntry => ({ status, verification }) as ProblemEntry;
  expect(standingOfProblem(problem('active', 'provisional'))).toBe('current');
  expect(standingOfProblem(problem('resolved', 'confirmed'))).toBe('past');
  expect(standingOfProblem(problem('active', 'refuted'))).toBe('past');
  expect(standingOfProblem(problem(null, 'entered-in-error'))).toBe('in-error');
  expect(standingOfProblem(problem(null, null))).toBe('current');
});

test('a draft and what is on hold are in sight, what was stopped is over', () => {
  const of = (status: string) => standingOfMedication({ status } as MedicationEntry);
  expect(['active', 'draft', 'on-hold', 'stopped', 'not-taken', 'entered-in-error'].map(of)).toEqual(['current', 'current', 'current', 'past', 'past', 'in-error']);
});

test('what is not certain says so', () => {
  expect(['confirmed', 'differential', 'refuted', null].map(certaintyOf)).toEqual([null, 'uncertain', 'refuted', null]);
});
