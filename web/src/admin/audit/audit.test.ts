import { describe, expect, test } from 'vitest';
import { AREAS, NO_FILTER, areaOf, asked, isFiltered, queryOf } from './audit';
import words from '../../locales/en/admin.json';

describe('the filter of the audit', () => {
  test('nothing is asked for where nothing is narrowed', () => {
    expect(asked(NO_FILTER)).toEqual({});
    expect(queryOf(NO_FILTER, null)).toBe('');
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, emergency: true })).toBe(true);
  });
  test('a day begins in the reader’s zone, and the last one is whole', () => {
    const { from, to } = asked({ ...NO_FILTER, from: '2026-03-01', to: '2026-03-01' });
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(86_400_000);
    expect(new Date(String(from)).getHours()).toBe(0);
  });
  test('a page goes on behind the one before', () => {
    expect(queryOf({ ...NO_FILTER, who: 'User/1', area: 'hold' }, '5.7')).toBe('?who=User%2F1&operation=hold.&before=5.7');
  });
});

describe('operations', () => {
  test('each area has its words, and what is not known is told as something else', () => {
    for (const area of AREAS) expect(words.audit.area).toHaveProperty(area);
    expect(areaOf('hold.add')).toBe('hold');
    expect(areaOf('quantum.leap')).toBe('other');
  });
});
