import type { ControlPoint } from '../api/messages';

/** For ranges of two values: the upper limit is this many times the mean range. */
const D4 = 3.267;

/** Centre and upper limit of the moving ranges; `null` while there is none. */
export function movingRangeLimits(points: readonly ControlPoint[]): { mean: number; upper: number } | null {
  const ranges = points.flatMap((point) => (point.moving_range === null ? [] : [point.moving_range]));
  if (ranges.length === 0) return null;
  const mean = ranges.reduce((sum, range) => sum + range, 0) / ranges.length;
  return { mean, upper: D4 * mean };
}

/** Below this many visits the limits say little. */
export const FEW = 8;
