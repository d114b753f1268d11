import type { QualityStep, QualityWindow, Rung } from '../../api/messages';

/** A stretch of time in which nothing changed, ms since 1970. */
export interface Stretch<T> {
  from: number;
  to: number;
  what: T;
}

/** How it sounded: by MOS, in the bands that ITU-T G.107 calls satisfied, some dissatisfied, many dissatisfied. */
export type Sounded = 'well' | 'fairly' | 'badly';

export interface Lane {
  participant: string;
  /** What carried this participant's media, without gaps from the first to the last. */
  ways: Stretch<Rung>[];
  sounded: Stretch<Sounded>[];
  /** Moments of steps on the ladder. */
  steps: number[];
  connectedMs: number;
  /** How often the connection was gone after it had been there, and for how long in all. */
  breaks: number;
  brokenMs: number;
}

/** Windows are five seconds long; what is further apart was a gap. */
const GAP_MS = 7_000;

/** The course of a call for each participant who was measured, in the order in which they came. */
export function lanesOf(windows: readonly QualityWindow[], steps: readonly QualityStep[]): Lane[] {
  const participants = [...new Set(windows.map((window) => window.participant))];
  const lanes = participants.map((participant) => {
    const own = windows.filter((window) => window.participant === participant);
    const at = steps.filter((step) => step.participant === participant).map((step) => Date.parse(step.at));
    return laneOf(participant, own, at);
  });
  return lanes.filter((lane) => lane.ways.length > 0).sort((a, b) => (a.ways[0]?.from ?? 0) - (b.ways[0]?.from ?? 0));
}

/** From the first to the last moment of all lanes. */
export function spanOf(lanes: readonly Lane[]): { from: number; to: number } {
  const all = lanes.flatMap((lane) => lane.ways);
  return { from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) };
}

function laneOf(participant: string, windows: readonly QualityWindow[], steps: number[]): Lane {
  const carried = windows.flatMap((window) => {
    const way: Rung | null | undefined = window.connected ? window.transport : 'none';
    return way ? [{ ...span(window), what: way }] : [];
  });
  const rated = windows.flatMap((window) => (window.mos === null ? [] : [{ ...span(window), what: soundedBy(window.mos) }]));
  const ways = trimmed(joined(carried, 'none'));
  const broken = ways.filter(({ what }) => what === 'none');
  return {
    participant,
    ways,
    sounded: joined(rated),
    steps,
    connectedMs: length(ways) - length(broken),
    breaks: broken.length,
    brokenMs: length(broken),
  };
}

export function soundedBy(mos: number): Sounded {
  if (mos >= 4.03) return 'well';
  return mos >= 3.6 ? 'fairly' : 'badly';
}

/** Neighbours that say the same become one; what lies between those that are far apart is `gap`, or nothing. */
function joined<T>(stretches: readonly Stretch<T>[], gap?: T): Stretch<T>[] {
  const all: Stretch<T>[] = [];
  for (const next of [...stretches].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    const far = last !== undefined && next.from - last.to > GAP_MS;
    if (last && far && gap !== undefined) all.push({ from: last.to, to: next.from, what: gap });
    const before = all.at(-1);
    if (before?.what === next.what && (gap !== undefined || !far)) before.to = Math.max(before.to, next.to);
    else all.push({ ...next, from: before && !far ? Math.max(before.to, next.from) : next.from });
  }
  return all.filter(({ from, to }) => to > from);
}

/** Before they came and after they left nothing was broken. */
function trimmed(ways: Stretch<Rung>[]): Stretch<Rung>[] {
  const first = ways.findIndex(({ what }) => what !== 'none');
  const last = ways.findLastIndex(({ what }) => what !== 'none');
  return first < 0 ? [] : ways.slice(first, last + 1);
}

function span(window: QualityWindow): { from: number; to: number } {
  return { from: Date.parse(window.from), to: Date.parse(window.to) };
}

function length(stretches: readonly Stretch<unknown>[]): number {
  return stretches.reduce((sum, { from, to }) => sum + to - from, 0);
}
