import { expect, test } from 'vitest';
import type { WayReport } from '../api/messages';
import { passageOf, pingFigures, verdictOf } from './networkProbe';

test('the lower direction and the delay decide', () => {
  expect(verdictOf({ down_mbps: 20, up_mbps: 5, rtt_ms: 40 })).toBe('good');
  expect(verdictOf({ down_mbps: 20, up_mbps: 0.7, rtt_ms: 40 })).toBe('fair');
  expect(verdictOf({ down_mbps: 20, up_mbps: 5, rtt_ms: 400 })).toBe('fair');
  expect(verdictOf({ down_mbps: 0.3, up_mbps: 0.2, rtt_ms: 200 })).toBe('audio');
  expect(verdictOf({ down_mbps: 0.05, up_mbps: 0.2, rtt_ms: 200 })).toBe('poor');
});

test('round trip is the median, jitter the mean step', () => {
  expect(pingFigures([30, 34, 90, 32])).toEqual({ rtt_ms: 34, jitter_ms: 39.33 });
  expect(pingFigures([])).toEqual({ rtt_ms: 0, jitter_ms: 0 });
});

function ways(passing: WayReport['rung'][], loss: number | null = null): WayReport[] {
  const figures = { connect_ms: null, rtt_ms: null, jitter_ms: null, up_mbps: null, down_mbps: null };
  return (['udp', 'tcp', 'relay', 'sound'] as const).map((rung) => ({ rung, passes: passing.includes(rung), loss, ...figures }));
}

test('the best way that passes is what a call will take', () => {
  expect(passageOf(ways(['udp', 'tcp', 'relay', 'sound']))).toBe('direct');
  expect(passageOf(ways(['relay', 'sound']))).toBe('detour');
  expect(passageOf(ways(['sound']))).toBe('sound');
  expect(passageOf(ways([]))).toBe('none');
});

test('a fast line that lets no pictures through is not good, nor is one that loses them', () => {
  const fast = { down_mbps: 20, up_mbps: 5, rtt_ms: 40 };
  expect(verdictOf(fast, ways(['tcp', 'sound']))).toBe('good');
  expect(verdictOf(fast, ways(['sound']))).toBe('audio');
  expect(verdictOf(fast, ways([]))).toBe('poor');
  expect(verdictOf(fast, ways(['udp'], 0.05))).toBe('fair');
  expect(verdictOf(fast, ways(['udp'], 0.2))).toBe('audio');
});
