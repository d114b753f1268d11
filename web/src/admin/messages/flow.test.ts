import { describe, expect, test } from 'vitest';
import { type Bucket, highestOf, longOf, longestOf, slotsOf, stripesOf, totalsOf } from './flow';

const NOW = Date.parse('2026-01-05T12:02:00Z');

function bucket(at: string, counts: Partial<Bucket>): Bucket {
  return { at, applied: 0, failed: 0, rejected: 0, lost: 0, p50_ms: null, p95_ms: null, ...counts };
}

const BUCKETS = [
  bucket('2026-01-05T02:00:00Z', { applied: 9 }),
  bucket('2026-01-05T11:50:00Z', { applied: 90, failed: 1, p50_ms: 4, p95_ms: 40 }),
  bucket('2026-01-05T12:00:00Z', { applied: 10, rejected: 2, p50_ms: 6, p95_ms: 9 }),
];

describe('the last hours', () => {
  test('are places of one width, and now is in the last', () => {
    const slots = slotsOf({ buckets: BUCKETS }, NOW, 6);
    expect(slots).toHaveLength(72);
    expect(slots.at(-1)).toMatchObject({ at: Date.parse('2026-01-05T12:00:00Z'), applied: 10, rejected: 2, p50_ms: 6 });
    expect(slots.at(-2)).toMatchObject({ applied: 0, p95_ms: null });
    expect(slots.at(-3)).toMatchObject({ applied: 90, failed: 1 });
    expect(totalsOf(slots)).toEqual({ applied: 100, failed: 1, rejected: 2, lost: 0 });
  });
  test('of a day are wider, and keep the slowest of what they hold', () => {
    const slots = slotsOf({ buckets: BUCKETS }, NOW, 24);
    expect(totalsOf(slots).applied).toBe(109);
    expect(slots.at(-2)).toMatchObject({ applied: 90, p95_ms: 40 });
    expect(longestOf(slots, 'p95_ms')).toBe(40);
    expect(highestOf(slots)).toBe(91);
  });
  test('in which nothing came have no waits', () => {
    expect(longestOf(slotsOf({ buckets: [] }, NOW, 6), 'p50_ms')).toBeNull();
  });
});

describe('a bar', () => {
  const [slot] = slotsOf({ buckets: [] }, NOW, 6);
  test('shows one failure among a thousand', () => {
    expect(stripesOf({ ...slot!, applied: 999, failed: 1 }, 1000, 100)).toEqual([
      { applied: true, y: 4, height: 96 },
      { applied: false, y: 0, height: 4 },
    ]);
  });
  test('is not there where nothing came', () => {
    expect(stripesOf(slot!, 0, 100)).toEqual([]);
  });
});

test('a wait is said in a unit in which it is no long number', () => {
  expect(longOf(999)).toEqual({ value: 999, unit: 'ms' });
  expect(longOf(90_000)).toEqual({ value: 90, unit: 'seconds' });
  expect(longOf(150_000)).toEqual({ value: 2.5, unit: 'minutes' });
  expect(longOf(3 * 3_600_000)).toEqual({ value: 3, unit: 'hours' });
});
