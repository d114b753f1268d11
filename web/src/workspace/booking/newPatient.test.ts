import { describe, expect, it } from 'vitest';
import { faultsOfPatient, patientOf, readBirthDate } from './newPatient';

const today = new Date(2026, 0, 15);

describe('a birth date as people type it', () => {
  it.each([
    ['1968-04-09', '1968-04-09'],
    ['19680409', '1968-04-09'],
    ['1968/4/9', '1968-04-09'],
    ['1968年4月9日', '1968-04-09'],
    ['１９６８-０４-０９', '1968-04-09'],
    ['1968-02-30', null],
    ['2026-01-16', null],
    ['1899-01-01', null],
    ['68-04-09', null],
    ['', null],
  ])('%s is %s', (typed, date) => expect(readBirthDate(typed, today)).toBe(date));
});

describe('a new patient', () => {
  const entries = {
    name: ' 李明 ',
    birthDate: '1990/1/2',
    sex: 'male',
    phone: '138 0000 0000',
    system: 'resident',
    identifier: '',
    language: 'zh-CN',
  } as const;

  it('is sent trimmed, with an identifier only when there is one', () => {
    expect(patientOf(entries, today)).toEqual({
      name: '李明',
      birth_date: '1990-01-02',
      sex: 'male',
      phone: '138 0000 0000',
      language: 'zh-CN',
    });
    expect(patientOf({ ...entries, identifier: 'X1' }, today).identifier).toEqual({
      system: 'urn:oid:2.16.156.10011.1.3',
      value: 'X1',
    });
  });

  it('names each fault', () => {
    const faults = faultsOfPatient({ ...entries, name: '', birthDate: '1', sex: null, phone: 'call me' }, today);
    expect(faults).toEqual({ name: 'required', birthDate: 'badDate', sex: 'required', phone: 'badPhone' });
  });
});
