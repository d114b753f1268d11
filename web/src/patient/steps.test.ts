import { expect, test } from 'vitest';
import type { NextStep, VisitState } from '../api/messages';
import { pageFor } from './steps';

test.each<[NextStep, VisitState, string | undefined, string]>([
  ['device', 'planned', undefined, 'device'],
  ['device', 'planned', 'call', 'device'],
  ['consent', 'planned', 'device', 'device'],
  ['consent', 'planned', 'intake', 'consent'],
  ['intake', 'planned', 'consent', 'consent'],
  ['waiting', 'planned', 'waiting', 'intake'],
  ['waiting', 'arrived', 'intake', 'intake'],
  ['waiting', 'arrived', 'plan', 'waiting'],
  ['waiting', 'arrived', 'accesses', 'accesses'],
  ['intake', 'planned', 'accesses', 'intake'],
  ['call', 'in-progress', 'accesses', 'call'],
  ['plan', 'finished', 'accesses', 'accesses'],
  ['call', 'in-progress', 'waiting', 'call'],
  ['call', 'onleave', 'device', 'call'],
  ['ended', 'finished', 'call', 'plan'],
  ['plan', 'finished', 'call', 'plan'],
])('next %s, %s, asked for %s: %s', (next, state, asked, page) => {
  expect(pageFor({ next, state }, asked)).toBe(page);
});
