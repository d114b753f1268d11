import { describe, expect, test } from 'vitest';
import words from '../../locales/en/hl7v2.json';
import { type MessageLine, NO_FILTER, STATES, filterOf, inRequests, isFiltered, outcomeOf, queryOf, reachedAt, searchOf, writtenDown } from './messages';

describe('the filter of messages', () => {
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
  test('every state has its words', () => {
    for (const state of STATES) expect(words.state_).toHaveProperty(state);
  });
});

test('a document in a resource is not written down whole', () => {
  const written = JSON.parse(writtenDown({ resourceType: 'Binary', data: 'A'.repeat(700), size: 700 })) as Record<string, unknown>;
  expect(written).toEqual({ resourceType: 'Binary', data: `${'A'.repeat(600)}… (+100)`, size: 700 });
});

describe('messages that are tried again', () => {
  test('go oldest first, in requests of a size that the server takes', () => {
    expect(inRequests(['3', '1', '5', '2', '4'], 2)).toEqual([['1', '2'], ['3', '4'], ['5']]);
    expect(inRequests([])).toEqual([]);
  });
  test('are counted by what became of them', () => {
    const line = (state: MessageLine['state']): MessageLine => ({ state }) as MessageLine;
    expect(outcomeOf([line('applied'), line('failed'), line('applied')])).toEqual({ applied: 2, failed: 1 });
  });
});
