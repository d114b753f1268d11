import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ShownPictures, type Sides, shownSide } from './shown';

const LANDSCAPE = { width: 1280, height: 720 };
const PORTRAIT = { width: 720, height: 1280 };

describe('the side of a picture', () => {
  test('is what is left of it in its box', () => {
    expect(shownSide({ width: 640, height: 600 }, LANDSCAPE, 'contain', 1)).toBe(360);
    expect(shownSide({ width: 400, height: 640 }, PORTRAIT, 'contain', 1)).toBe(360);
  });
  test('is larger than its box where it is cut to fill it', () => {
    expect(shownSide({ width: 390, height: 844 }, LANDSCAPE, 'cover', 1)).toBe(844);
  });
  test('counts pixels of the device', () => {
    expect(shownSide({ width: 160, height: 90 }, LANDSCAPE, 'contain', 3)).toBe(270);
  });
  test('is that of its box before anything came', () => {
    expect(shownSide({ width: 320, height: 180 }, { width: 0, height: 0 }, 'contain', 2)).toBe(360);
  });
});

describe('what is told', () => {
  let told: Sides[] = [];
  let pictures: ShownPictures;
  const last = (): [string, number][] => [...(told.at(-1) ?? [])];
  const hide = (state: DocumentVisibilityState): void => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange'));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    pictures = new ShownPictures('full', (sides) => told.push(sides));
  });
  afterEach(() => {
    pictures.close();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test('is said once when sizes have settled', () => {
    for (let side = 100; side < 400; side += 10) pictures.set('a', side);
    pictures.set('b', 90);
    expect(told).toHaveLength(0);
    vi.advanceTimersByTime(300);
    expect(told).toHaveLength(1);
    expect(last()).toEqual([['a', 390], ['b', 90]]);
    pictures.set('b', 90);
    vi.advanceTimersByTime(300);
    expect(told).toHaveLength(1);
    pictures.set('b', null);
    vi.advanceTimersByTime(300);
    expect(last()).toEqual([['a', 390]]);
  });

  test('is nothing while the page is hidden', () => {
    pictures.set('a', 360);
    hide('hidden');
    vi.advanceTimersByTime(300);
    expect(last()).toEqual([]);
    hide('visible');
    vi.advanceTimersByTime(300);
    expect(last()).toEqual([['a', 360]]);
  });

  test('follows the choice of how much data to use, at once', () => {
    pictures.set('a', 360);
    pictures.setUse('saver');
    expect(last()).toEqual([['a', 1]]);
    pictures.setUse('sound');
    expect(last()).toEqual([]);
    pictures.setUse('full');
    expect(last()).toEqual([['a', 360]]);
  });
});
