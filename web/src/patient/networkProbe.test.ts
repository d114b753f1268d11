import { expect, test } from 'vitest';
import { pingFigures, verdictOf } from './networkProbe';

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
