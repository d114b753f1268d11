import { errorOf, send } from '../api/client';
import type { WayReport } from '../api/messages';

export interface ProbeResult {
  down_mbps: number;
  up_mbps: number;
  rtt_ms: number;
  jitter_ms: number;
}

/** What the connection is good for, said in words on the page. */
export type Verdict = 'good' | 'fair' | 'audio' | 'poor';

const PINGS = 6;
const ENOUGH_MS = 1_200;
const SIZES = [64 << 10, 256 << 10, 1 << 20, 4 << 20];

/** Measures the way to the server and back: pings, then growing pieces each way until one takes long enough. */
export async function probe(visitId: string, signal: AbortSignal): Promise<ProbeResult> {
  const path = `/visits/${encodeURIComponent(visitId)}/probe`;
  const pings: number[] = [];
  for (let index = 0; index < PINGS; index += 1) pings.push(await timed(() => download(path, 16, signal)));
  // The first carries the set-up of the connection.
  const warm = pings.slice(1);
  return {
    ...pingFigures(warm),
    down_mbps: await speed((bytes) => download(path, bytes, signal)),
    up_mbps: await speed((bytes) => upload(path, bytes, signal)),
  };
}

/** The median is the round trip, the mean step from one ping to the next is the jitter. */
export function pingFigures(pings: readonly number[]): Pick<ProbeResult, 'rtt_ms' | 'jitter_ms'> {
  const sorted = [...pings].sort((a, b) => a - b);
  const steps = pings.slice(1).map((ping, index) => Math.abs(ping - (pings[index] ?? ping)));
  return {
    rtt_ms: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
    jitter_ms: round(steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length)),
  };
}

/** What of the ways to the media server matters beyond the speed: which pass at all. */
export type Passage = 'direct' | 'detour' | 'sound' | 'none';

export function passageOf(ways: readonly WayReport[]): Passage {
  const passes = (rung: WayReport['rung']): boolean => ways.some((way) => way.rung === rung && way.passes);
  if (passes('udp')) return 'direct';
  if (passes('tcp') || passes('relay')) return 'detour';
  return passes('sound') ? 'sound' : 'none';
}

/** The lower direction and the delay decide, then what was lost on the way, then whether pictures pass at all. */
export function verdictOf(result: Pick<ProbeResult, 'down_mbps' | 'up_mbps' | 'rtt_ms'>, ways: readonly WayReport[] | null = null): Verdict {
  const lower = Math.min(result.down_mbps, result.up_mbps);
  const loss = Math.max(0, ...(ways ?? []).map((way) => way.loss ?? 0));
  const passage = ways && passageOf(ways);
  if (passage === 'none') return 'poor';
  if (passage !== 'sound') {
    if (lower >= 1.5 && result.rtt_ms < 250 && loss < 0.03) return 'good';
    if (lower >= 0.5 && result.rtt_ms < 500 && loss < 0.1) return 'fair';
  }
  if (lower >= 0.08 && result.rtt_ms < 1_000) return 'audio';
  return 'poor';
}

async function speed(move: (bytes: number) => Promise<void>): Promise<number> {
  let mbps = 0;
  for (const bytes of SIZES) {
    const ms = await timed(() => move(bytes));
    mbps = (bytes * 8) / 1_000 / Math.max(1, ms);
    // The next piece is four times as long: stop when it would keep a slow line busy for nothing.
    if (ms * 4 > ENOUGH_MS) break;
  }
  return round(mbps);
}

async function download(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  const response = await send('GET', `${path}?bytes=${bytes}`, undefined, { as: 'visit', signal });
  if (!response.ok) throw await errorOf(response);
  await response.arrayBuffer();
}

async function upload(path: string, bytes: number, signal: AbortSignal): Promise<void> {
  const response = await send('POST', path, noise(bytes), { as: 'visit', signal });
  if (!response.ok) throw await errorOf(response);
  await response.arrayBuffer();
}

/** Bytes that no proxy on the way can squeeze. */
function noise(bytes: number): Uint8Array {
  const filled = new Uint8Array(bytes);
  // getRandomValues takes at most 64 KiB at once.
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(filled.subarray(at, Math.min(bytes, at + 65_536)));
  return filled;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

