import { describe, expect, it } from 'vitest';
import { trendPoints } from './Trend';

describe('a trend', () => {
  it('runs from the first to the last sample between its floor and its highest', () => {
    expect(trendPoints([0, 5, 10])).toBe('0.0,46.0 120.0,24.0 240.0,2.0');
  });

  it('lies on the floor when nothing happened', () => {
    expect(trendPoints([0, 0])).toBe('0.0,46.0 240.0,46.0');
  });
});
