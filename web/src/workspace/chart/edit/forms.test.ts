import { describe, expect, test } from 'vitest';
import type { ProblemEntry } from '../../../api/chart';
import { FORMS, faultsOf, isDate } from './forms';

describe('dates that leave something out', () => {
  test.each(['2024', '2024-02', '2024-02-29'])('%s is one', (text) => expect(isDate(text)).toBe(true));
  test.each(['24', '2024-13', '2023-02-29', '2024-2', '0000', 'spring'])('%s is none', (text) => expect(isDate(text)).toBe(false));
});

describe('what must be put right', () => {
  const problem = FORMS.problem.valuesOf(null);
  test('a name, real dates, an end behind the beginning', () => {
    expect(faultsOf(FORMS.problem, problem)).toEqual({ text: 'required' });
    expect(faultsOf(FORMS.problem, { ...problem, text: 'Cough', onset: '2024-99' })).toEqual({ onset: 'date' });
    expect(faultsOf(FORMS.problem, { ...problem, text: 'Cough', onset: '2024-05', abatement: '2023' })).toEqual({ abatement: 'order' });
    expect(faultsOf(FORMS.problem, { ...problem, text: 'Cough', onset: '2024-05', abatement: '2024' })).toEqual({});
  });
  test('a severity is that of a reaction', () => {
    const allergy = { ...FORMS.allergy.valuesOf(null), text: 'Nuts', severity: 'severe' };
    expect(faultsOf(FORMS.allergy, allergy)).toEqual({ reaction: 'reaction' });
  });
});

test('a code goes along with its words and is dropped with them', () => {
  const entry = { text: 'Hypertension', code: 'I10', system: 'urn:icd', display: 'Hypertension', status: 'active', verification: 'confirmed', onset: '2019-05-01T08:00:00Z' };
  const values = FORMS.problem.valuesOf(entry as ProblemEntry);
  expect(values.onset).toBe('2019-05-01');
  expect(FORMS.problem.body(values)).toMatchObject({ text: 'Hypertension', code: { system: 'urn:icd', code: 'I10' } });
  expect(FORMS.problem.body({ ...values, code: '', system: '' })).toMatchObject({ code: null });
  expect(FORMS.problem.body(values)).not.toHaveProperty('system');
});
