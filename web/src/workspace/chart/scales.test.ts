import { expect, test } from 'vitest';
import { scale, ticksOf } from './scales';

test.each([
  [118, 156, [100, 120, 140, 160]],
  [3.5, 5.1, [3, 4, 5, 6]],
  [-3, 4, [-5, 0, 5]],
])('ticks from %d to %d are round and hold both', (low, high, ticks) => expect(ticksOf(low, high)).toEqual(ticks));

test.each([80, 0, -2, 0.07])('a single value %d has ticks around it', (value) => {
  const ticks = ticksOf(value, value);
  expect(ticks.length).toBeGreaterThan(1);
  expect(ticks[0]).toBeLessThanOrEqual(value);
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(value);
});

test('one value lies in the middle', () => {
  expect(scale(5, 5, 0, 10)(5)).toBe(5);
  expect(scale(0, 10, 100, 0)(2.5)).toBe(75);
});
