import { expect, test } from 'vitest';
import type { QualityWindow, Rung } from '../../api/messages';
import { lanesOf, soundedBy, spanOf } from './timeline';

const START = Date.parse('2026-03-01T09:00:00Z');

function at(second: number): string {
  return new Date(START + second * 1_000).toISOString();
}

function window(participant: string, second: number, transport: Rung | null, more: Partial<QualityWindow> = {}): QualityWindow {
  const figures = { t_mbps: 1, rtt_ms: 30, loss: 0, mos: null };
  return { from: at(second), to: at(second + 5), connected: true, participant, transport, ...figures, ...more };
}

test('windows of one way become one stretch, and a change of way begins another', () => {
  const windows = [0, 5, 10].map((second) => window('patient', second, 'udp'));
  const [lane] = lanesOf([...windows, window('patient', 15, 'relay'), window('patient', 20, 'relay')], []);
  expect(lane?.ways).toEqual([
    { from: START, to: START + 15_000, what: 'udp' },
    { from: START + 15_000, to: START + 25_000, what: 'relay' },
  ]);
  expect(lane).toMatchObject({ connectedMs: 25_000, breaks: 0, brokenMs: 0 });
});

test('a gap is a break, and so is a window without a connection; before coming and after leaving there is none', () => {
  const windows = [
    window('patient', 0, null, { connected: false }),
    window('patient', 5, 'udp'),
    window('patient', 30, 'udp'),
    window('patient', 35, null, { connected: false }),
    window('patient', 40, 'sound'),
    window('patient', 45, null, { connected: false }),
  ];
  const [lane] = lanesOf(windows, []);
  expect(lane?.ways.map(({ what }) => what)).toEqual(['udp', 'none', 'udp', 'none', 'sound']);
  expect(lane).toMatchObject({ connectedMs: 15_000, breaks: 2, brokenMs: 25_000 });
});

test('a window without a way is of the browser, and says how it sounded', () => {
  const windows = [window('patient', 0, 'udp'), window('patient', 1, null, { mos: 4.2 }), window('patient', 6, null, { mos: 3 })];
  const [lane] = lanesOf(windows, []);
  expect(lane?.ways).toHaveLength(1);
  expect(lane?.sounded.map(({ what }) => what)).toEqual(['well', 'badly']);
  expect([4.03, 4.02, 3.6, 3.59].map(soundedBy)).toEqual(['well', 'fairly', 'fairly', 'badly']);
});

test('lanes are in the order of coming, each with its own steps, over one span', () => {
  const windows = [window('clinician', 10, 'udp'), window('patient', 0, 'tcp'), window('nobody', 0, null)];
  const steps = [{ participant: 'clinician', role: 'clinician', at: at(12), from: 'udp', to: 'tcp', cause: 'lost' } as const];
  const lanes = lanesOf(windows, steps);
  expect(lanes.map(({ participant, steps }) => [participant, steps.length])).toEqual([['patient', 0], ['clinician', 1]]);
  expect(spanOf(lanes)).toEqual({ from: START, to: START + 15_000 });
});
