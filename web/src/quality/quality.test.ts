import { describe, expect, it } from 'vitest';
import type { ControlPoint } from '../api/messages';
import { movingRangeLimits } from './controlLimits';
import { roundTicks } from './roundTicks';

describe('the axis of a control chart', () => {
  it('has round values that enclose what is drawn', () => {
    expect(roundTicks(-1.1, 2.55, 5)).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(roundTicks(0, 2.24, 5)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(roundTicks(3, 3, 5).length).toBeGreaterThan(1);
  });
});

describe('the limits of the moving range', () => {
  const point = (moving_range: number | null): ControlPoint => ({
    visit_id: 'v',
    at: '',
    value: 0,
    moving_range,
    signals: [],
  });

  it('leave out the first visit, which has no range', () => {
    const limits = movingRangeLimits([point(null), point(1), point(3)]);
    expect(limits?.mean).toBe(2);
    expect(limits?.upper).toBeCloseTo(6.534, 9);
  });

  it('are none for one visit', () => expect(movingRangeLimits([point(null)])).toBeNull());
});
