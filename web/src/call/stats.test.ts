import { describe, expect, it } from 'vitest';
import { StatsWindows } from './stats';

const entries = (list: { id: string; [key: string]: unknown }[]): [string, unknown][] => list.map((e) => [e.id, e]);
const audio = (id: string, packetsReceived: number, concealedSamples: number, totalSamplesReceived: number) => ({
  id,
  type: 'inbound-rtp',
  kind: 'audio',
  mid: id,
  packetsReceived,
  concealedSamples,
  totalSamplesReceived,
  totalAudioEnergy: 0.5,
});
const video = (framesDecoded: number, frameWidth: number, freezeCount: number) => ({
  id: 'v',
  type: 'inbound-rtp',
  kind: 'video',
  mid: 'v',
  framesDecoded,
  frameWidth,
  frameHeight: 480,
  freezeCount,
  totalFreezesDuration: freezeCount / 2,
});

describe('a window of statistics', () => {
  it('holds what happened since the one before', () => {
    const windows = new StatsWindows();
    const first = windows.cut(entries([audio('a', 10, 5, 1000), video(30, 640, 1)]), []).report;
    expect(first.audio).toEqual({ concealed: 5, total: 1000, jitter_buffer_ms: null });
    const second = windows.cut(entries([audio('a', 20, 6, 2000), video(90, 640, 1)]), []).report;
    expect(second.audio.concealed).toBe(1);
    expect(second.video).toMatchObject({ frames_decoded: 60, freezes: 0, freeze_seconds: 0, width: 640 });
    expect(second.from).toBe(first.to);
  });

  it('does not take what a browser does not count for zero', () => {
    const { freezeCount: _, totalFreezesDuration: __, ...firefox } = video(30, 640, 1);
    const report = new StatsWindows().cut(entries([firefox]), []).report;
    expect(report.video).toMatchObject({ frames_decoded: 30, freezes: null, freeze_seconds: null });
    expect(new StatsWindows().cut(entries([video(30, 640, 0)]), []).report.video).toMatchObject({ freezes: 0, freeze_seconds: 0 });
  });

  it('takes the round trip of what is sent where there is none of the pair', () => {
    const pair = { id: 'p', type: 'candidate-pair', nominated: true, state: 'succeeded' };
    const sent = [
      { id: 'r0', type: 'remote-inbound-rtp' },
      { id: 'r1', type: 'remote-inbound-rtp', roundTripTime: 0.08 },
    ];
    const rtt = (list: { id: string }[]) => new StatsWindows().cut(entries(list), []).report.rtt_ms;
    expect(rtt([{ ...pair, currentRoundTripTime: 0.05 } as typeof pair, ...sent])).toBe(50);
    expect(rtt([pair, ...sent])).toBe(80);
    expect(rtt([pair])).toBeNull();
  });

  it('leaves out sound that nobody sends', () => {
    const report = new StatsWindows().cut(entries([audio('a', 10, 5, 1000), audio('b', 0, 48_000, 48_000)]), []).report;
    expect(report.audio).toMatchObject({ concealed: 5, total: 1000 });
  });

  it('tells people apart by the lines that the server named', () => {
    const tracks = [
      { mid: 'a', participant: 'li', kind: 'audio' as const, source: 'microphone' as const },
      { mid: 'v', participant: 'li', kind: 'video' as const, source: 'camera' as const },
    ];
    const { remotes } = new StatsWindows().cut(entries([audio('a', 1, 0, 1), audio('x', 1, 0, 1), video(7, 320, 0)]), tracks);
    expect(remotes).toEqual([{ participant: 'li', frames_decoded: 7, audio_energy: 0.5 }]);
  });
});
