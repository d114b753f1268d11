import { expect, test } from 'vitest';
import { Restarts, restartAgainAfter } from './restarts';

test('a restart that is under way is left alone for five seconds, whatever the cause', () => {
  const restarts = new Restarts();
  expect(restarts.wait(0, 'dead')).toBe(0);
  restarts.begin(0);
  expect([restarts.wait(700, 'change'), restarts.wait(2_400, 'dead')]).toEqual([4_300, 2_600]);
  expect(restarts.wait(5_000, 'dead')).toBe(0);
});

test('a path that was just found is not given up for a change, and is when it is dead', () => {
  const restarts = new Restarts();
  restarts.begin(0);
  restarts.offered();
  restarts.answered();
  restarts.flows(1_500);
  expect([restarts.wait(2_000, 'change'), restarts.wait(2_000, 'dead')]).toEqual([4_500, 0]);
  expect(restarts.wait(6_500, 'change')).toBe(0);
});

test('what came by the former path before the answer is no sign that it helped', () => {
  const restarts = new Restarts();
  restarts.begin(0);
  // That of another offer, which was open before.
  restarts.answered();
  restarts.flows(200);
  restarts.offered();
  restarts.flows(300);
  expect(restarts.wait(400, 'dead')).toBe(4_600);
  restarts.forget();
  expect(restarts.wait(400, 'dead')).toBe(0);
});

test('one waits longer and longer', () => {
  expect([0, 1, 2, 3, 4, 20].map(restartAgainAfter)).toEqual([5_000, 5_000, 8_000, 12_000, 15_000, 15_000]);
});
