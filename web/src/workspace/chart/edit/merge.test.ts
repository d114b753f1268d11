import { expect, test } from 'vitest';
import { merged } from './merge';

test('each change is kept where only one made it, and both are named where both did', () => {
  const base = { text: 'Cough', clinical: 'active', note: '', onset: '' };
  const mine = { ...base, clinical: 'resolved', note: 'mine' };
  const theirs = { ...base, note: 'theirs', onset: '2024' };
  expect(merged(base, mine, theirs)).toEqual({
    values: { text: 'Cough', clinical: 'resolved', note: 'mine', onset: '2024' },
    both: ['note'],
    theirs: ['onset'],
  });
});

test('two who did the same agree', () => {
  const base = { clinical: 'active' };
  const same = { clinical: 'resolved' };
  expect(merged(base, same, same)).toEqual({ values: same, both: [], theirs: [] });
});
