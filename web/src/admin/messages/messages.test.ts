import { describe, expect, test } from 'vitest';
import words from '../../locales/en/hl7v2.json';
import { type MessageLine, STATES, inRequests, outcomeOf, writtenDown } from './messages';

test('every state has its words', () => {
  for (const state of STATES) expect(words.state_).toHaveProperty(state);
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
