import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RungStep } from '../api/messages';
import { Ladder } from './ladder';

describe('the ladder', () => {
  let steps: RungStep[];
  let wanted: boolean[];
  let ladder: Ladder;
  beforeEach(() => {
    vi.useFakeTimers();
    [steps, wanted] = [[], []];
    ladder = new Ladder({ onSound: (sound) => wanted.push(sound), onStep: (step) => steps.push(step) });
  });
  afterEach(() => vi.useRealTimers());

  it('stays on WebRTC when it connects in time', () => {
    ladder.begin();
    vi.advanceTimersByTime(3_000);
    ladder.up('udp');
    vi.advanceTimersByTime(60_000);
    expect(wanted).toEqual([]);
    expect(steps).toEqual([{ from: 'none', to: 'udp', cause: 'joined' }]);
  });

  it('goes down to sound when WebRTC does not come, and up when it does', () => {
    ladder.begin();
    vi.advanceTimersByTime(3_900);
    expect(wanted).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(wanted).toEqual([true]);
    ladder.sound(true);
    expect(ladder.rung).toBe('sound');
    ladder.up('tcp');
    expect(wanted).toEqual([true, false]);
    expect(steps).toEqual([
      { from: 'none', to: 'sound', cause: 'not-connected' },
      { from: 'sound', to: 'tcp', cause: 'restored' },
    ]);
  });

  it('is up without sound between when a relay takes its time, and has both in order when it takes more', () => {
    ladder.begin();
    vi.advanceTimersByTime(3_900);
    ladder.up('relay');
    vi.advanceTimersByTime(60_000);
    expect(wanted).toEqual([]);
    // Wanted, and WebRTC is there before the socket is: sound alone was never a step.
    const late = new Ladder({ onSound: (sound) => wanted.push(sound), onStep: (step) => steps.push(step) });
    late.begin();
    vi.advanceTimersByTime(4_800);
    late.up('relay');
    late.sound(true);
    expect(wanted).toEqual([true, false]);
    expect(steps.map(({ to, cause }) => [to, cause])).toEqual([['relay', 'joined'], ['relay', 'joined']]);
  });

  it('gives a lost connection three seconds', () => {
    ladder.begin();
    ladder.up('udp');
    ladder.down();
    vi.advanceTimersByTime(2_000);
    ladder.up('udp');
    ladder.down();
    vi.advanceTimersByTime(2_900);
    ladder.down();
    expect(wanted).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(wanted).toEqual([true]);
    ladder.sound(true);
    ladder.sound(false);
    ladder.sound(true);
    expect(steps.map((step) => step.cause)).toEqual(['joined', 'lost', 'socket-lost', 'lost']);
  });

  it('does not go down once the call is over', () => {
    ladder.begin();
    ladder.end();
    vi.advanceTimersByTime(60_000);
    expect(wanted).toEqual([]);
  });
});
