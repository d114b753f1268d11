import { afterEach, expect, test } from 'vitest';
import type { PatientSummary } from '../../api/messages';
import { replacedBy } from './onePatient';

afterEach(() => sessionStorage.clear());
const patient = (id: string): PatientSummary => ({ id, name: `Patient ${id}`, birth_date: '1970-01-01' }) as PatientSummary;

test('the second record closes the first, and says whose it was', () => {
  expect(replacedBy(sessionStorage, patient('a'))).toBeNull();
  expect(replacedBy(sessionStorage, patient('a'))).toBeNull();
  expect(replacedBy(sessionStorage, patient('b'))).toEqual({ id: 'a', name: 'Patient a', birth_date: '1970-01-01' });
});

test('what another version kept is no record', () => {
  sessionStorage.setItem('bianque.open-record', '"x');
  expect(replacedBy(sessionStorage, patient('a'))).toBeNull();
});
