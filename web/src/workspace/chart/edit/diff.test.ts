import { describe, expect, test } from 'vitest';
import { changesBetween, said, same } from './diff';

const word = (field: string, code: string): string => (field === 'clinicalStatus' && code === 'resolved' ? 'Resolved' : code);
const status = (code: string) => ({ coding: [{ system: 'urn:s', code }] });

describe('what changed', () => {
  test('is told member by member, in words, without what never changes', () => {
    const before = { resourceType: 'Condition', id: 'a', meta: { x: 1 }, code: { text: 'Cough' }, clinicalStatus: status('active') };
    const after = { ...before, meta: { x: 2 }, clinicalStatus: status('resolved'), abatementDateTime: '2026-01' };
    expect(changesBetween(before, after, word)).toEqual([
      { field: 'clinicalStatus', before: 'active', after: 'Resolved' },
      { field: 'abatementDateTime', before: '', after: '2026-01' },
    ]);
  });
  test('names what is gone', () => {
    expect(changesBetween({ note: [{ text: 'Old' }] }, {}, word)).toEqual([{ field: 'note', before: 'Old', after: '' }]);
  });
  test('of a first version is all of it', () => {
    expect(changesBetween(null, { code: { text: 'Cough' } }, word)).toEqual([{ field: 'code', before: '', after: 'Cough' }]);
  });
  test('is nothing where only the order of members differs', () => {
    expect(same({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
    expect(same([1, 2], [2, 1])).toBe(false);
  });
  test('in a detail that has no words is still a change', () => {
    const [change] = changesBetween({ extension: [{ url: 'u' }] }, { extension: [{ url: 'u', other: '' }] }, word);
    expect(change && change.before === change.after).toBe(true);
  });
});

describe('values in words', () => {
  test.each([
    [{ coding: [{ code: 'I10', display: 'Hypertension' }] }, 'Hypertension (I10)'],
    [{ coding: [{ code: 'I10' }], text: 'High pressure' }, 'High pressure (I10)'],
    [{ value: 5, unit: 'mg' }, '5 mg'],
    [{ start: '2026-01', end: '2026-02' }, '2026-01 – 2026-02'],
    [{ reference: 'Practitioner/1', display: 'Dr. Li' }, 'Dr. Li'],
    [[{ manifestation: [{ text: 'Hives' }], severity: 'mild' }], 'Hives, mild'],
    [true, 'true'],
    [undefined, ''],
  ])('%j', (value, words) => expect(said(value, 'any', word)).toBe(words));
});
