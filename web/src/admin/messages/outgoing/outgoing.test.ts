import { describe, expect, test } from 'vitest';
import english from '../../../locales/en/hl7v2.json';
import { NO_FILTER } from '../filters';
import { OUTGOING, type OutgoingLine, STATES, aboutOf, isDroppable, isResendable, isUnsettled, outcomeOf, verdictOf } from './outgoing';

const line = (state: OutgoingLine['state']): OutgoingLine => ({ state }) as OutgoingLine;

test('the list is asked for by destination, and in the address of the page the same', () => {
  const filter = { ...NO_FILTER, state: 'refused' as const, peer: 'd1', kind: 'adt' };
  expect(OUTGOING.queryOf(filter, '2026-01-05T08:00:00Z|9')).toBe('?state=refused&destination=d1&kind=ADT&before=2026-01-05T08%3A00%3A00Z%7C9');
  expect(OUTGOING.filterOf(new URLSearchParams('destination=d1&state=failed'))).toEqual({ ...NO_FILTER, peer: 'd1' });
});

describe('a state', () => {
  test('has words, alone and in a sentence', () => {
    for (const state of STATES) {
      expect(english.outgoing.state_).toHaveProperty(state);
      if (state !== 'sent') expect(english.outgoing.because).toHaveProperty(state);
      expect(english.outgoing.says).toHaveProperty(state);
    }
  });
  test('says what can be done', () => {
    expect(STATES.filter((state) => isResendable(line(state)))).toEqual(['sent', 'refused', 'unmade', 'dropped']);
    expect(STATES.filter((state) => isDroppable(line(state)))).toEqual(['waiting', 'refused', 'unmade']);
    expect(STATES.filter((state) => isUnsettled(line(state)))).toEqual(['refused', 'unmade']);
  });
});

test('what it tells of is named where there are words for it', () => {
  expect(aboutOf('Encounter/019a')).toEqual({ type: 'Encounter', id: '019a' });
  expect(aboutOf('Basic/7')).toEqual({ type: null, id: 'Basic/7' });
  expect(aboutOf('')).toEqual({ type: null, id: '' });
});

test('what was sent again goes, or could not be made again', () => {
  expect(outcomeOf([line('waiting'), line('unmade'), line('waiting')])).toEqual({ going: 2, unmade: 1 });
});

test('an acknowledgement says whether it was taken, in both modes', () => {
  expect(['AA', 'CA', 'AE', 'CR', 'XX'].map(verdictOf)).toEqual(['accepted', 'accepted', 'error', 'rejected', null]);
});
