import { describe, expect, test } from 'vitest';
import { NO_FILTER, chosenWith, filtering, isFiltered, reachedAt } from './filters';

const { filterOf, queryOf, searchOf } = filtering(['failed', 'settled'] as const, 'sender');

describe('the filter of a list', () => {
  test('nothing is asked for where nothing is narrowed', () => {
    expect(queryOf(NO_FILTER, null)).toBe('');
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, text: '4711' })).toBe(true);
  });
  test('kinds are asked for in capitals, and a page goes on behind the one before', () => {
    expect(queryOf({ ...NO_FILTER, state: 'failed', kind: 'adt^a08' }, '2026-01-05T08:00:00Z|9')).toBe(
      '?state=failed&kind=ADT%5EA08&before=2026-01-05T08%3A00%3A00Z%7C9',
    );
  });
  test('it stands in the address of the page, beside what else stands there', () => {
    const address = searchOf({ ...NO_FILTER, state: 'settled', text: 'Reyes' }, new URLSearchParams('lang=en&kind=ORU'));
    expect(address.toString()).toBe('lang=en&state=settled&text=Reyes');
    expect(filterOf(address)).toEqual({ ...NO_FILTER, state: 'settled', text: 'Reyes' });
    expect(filterOf(new URLSearchParams('state=exploded'))).toEqual(NO_FILTER);
  });
  test('a page says how far it reached', () => {
    expect(reachedAt('2026-01-05T08:00:00.000Z|0190')).toBe('2026-01-05T08:00:00.000Z');
  });
  test('the other system is called what its list calls it', () => {
    const going = filtering(['waiting'] as const, 'destination');
    expect(going.queryOf({ ...NO_FILTER, state: 'waiting', peer: '7' }, null)).toBe('?state=waiting&destination=7');
    expect(going.filterOf(new URLSearchParams('destination=7&sender=8'))).toEqual({ ...NO_FILTER, peer: '7' });
  });
});

test('what is chosen grows and shrinks by one', () => {
  const chosen = chosenWith(chosenWith(new Set(), '1', true), '2', true);
  expect([...chosenWith(chosen, '1', false)]).toEqual(['2']);
});
