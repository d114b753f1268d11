import { expect, test } from 'vitest';
import { type Draft, faultsOf, firstOpen, intakeOf, isPhone, readNumber } from './intakeDraft';

const answered: Draft = {
  reason: ' cough ',
  symptoms: ['cough'],
  duration: { value: '３', unit: 'd' },
  location: { text: '8 Linjiang Road', city: 'Chengdu' },
  callback_number: '138 0000 0102',
  emergency_contact: { name: 'Li', phone: '+86 138-0000-0998', relation: '' },
  red_flags: [],
};

test('an answered draft has nothing open and is sent trimmed', () => {
  expect(firstOpen(answered)).toBeNull();
  expect(intakeOf(answered)).toMatchObject({ reason: 'cough', duration: { value: 3, unit: 'd' }, red_flags: [] });
});

test('the warning signs must be answered, if only with none', () => {
  expect(firstOpen({ ...answered, red_flags: null })).toBe('red-flags');
});

test('each question names its own fields', () => {
  const empty: Draft = { ...answered, callback_number: '1', emergency_contact: { name: ' ', phone: 'call me', relation: '' } };
  expect(faultsOf(empty, 'contact').map((fault) => fault.field)).toEqual(['callback', 'emergency-name', 'emergency-phone']);
  expect(faultsOf(empty, 'reason')).toEqual([]);
});

test('numbers and phones', () => {
  expect([readNumber('12'), readNumber('0'), readNumber('-1'), readNumber('1.5'), readNumber('1000')]).toEqual([12, null, null, null, null]);
  expect([isPhone('120'), isPhone('(028) 5550-0101'), isPhone('12'), isPhone('abc')]).toEqual([true, true, false, false]);
});
