import { afterEach, describe, expect, test } from 'vitest';
import { emergencyUntil, faultsOfEmergency, rememberEmergency } from './emergency';

afterEach(() => sessionStorage.clear());

describe('what is asked for', () => {
  const full = { identifier: 'A-17', birthDate: '1980-02-03', reason: 'Unconscious, allergies must be known' };
  test('is complete with a number, a birth date and a reason', () => {
    expect(faultsOfEmergency(full, '1980-02-03')).toEqual({});
  });
  test('says what is missing and what cannot be read', () => {
    expect(faultsOfEmergency({ identifier: ' ', birthDate: '', reason: 'urgent' }, null)).toEqual({
      identifier: 'required',
      birthDate: 'required',
      reason: 'short',
    });
    expect(faultsOfEmergency({ ...full, birthDate: '31/31' }, null)).toEqual({ birthDate: 'badDate' });
  });
  test('a reason is counted in characters, without the space around it', () => {
    expect(faultsOfEmergency({ ...full, reason: `  ${'𠮷'.repeat(9)}  ` }, '1980-02-03')).toEqual({ reason: 'short' });
    expect(faultsOfEmergency({ ...full, reason: '患者昏迷需要了解过敏' }, '1980-02-03')).toEqual({});
  });
});

describe('a record that is open', () => {
  const until = '2026-03-01T10:00:00Z';
  test('is open for whom it was opened, until its end', () => {
    rememberEmergency('lin', { patient_id: 'ana', until });
    expect(emergencyUntil('lin', 'ana', Date.parse(until) - 1)).toBe(until);
    expect(emergencyUntil('lin', 'ana', Date.parse(until))).toBeNull();
    expect(emergencyUntil('qin', 'ana', Date.parse(until) - 1)).toBeNull();
    expect(emergencyUntil('lin', 'bo', Date.parse(until) - 1)).toBeNull();
  });
});
