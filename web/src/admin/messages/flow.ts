/** How messages flow, as `/api/admin/messages/flow` has it: five minutes at a time, since the server was started. */

/** What became of messages in five minutes. Of those that go: acknowledged, refused, not made, and tries without an answer. */
export interface Bucket {
  at: string;
  applied: number;
  failed: number;
  rejected: number;
  lost: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

/** Somebody who sent, and is not known. */
export interface Stranger {
  application: string;
  facility: string;
  address: string;
  times: number;
  last_at: string;
}

export interface Flow {
  bucket_s: number;
  buckets: Bucket[];
  strangers: Stranger[];
  failed: number;
}

/** What can become of a message; all but the first are not applied. */
export const FATES = ['applied', 'failed', 'rejected', 'lost'] as const;
export type Fate = (typeof FATES)[number];

/** One place of the picture: what came in its time, and the slowest five minutes of it. */
export interface Slot extends Record<Fate, number> {
  /** When it begins, in milliseconds. */
  at: number;
  p50_ms: number | null;
  p95_ms: number | null;
}

const SLOTS = 72;
const MS_OF_HOUR = 3_600_000;

/** The last hours in places of one width, the last of which holds now; where nothing came, they are empty. */
export function slotsOf(flow: Pick<Flow, 'buckets'>, now: number, hours: number): Slot[] {
  const width = (hours * MS_OF_HOUR) / SLOTS;
  const begins = Math.floor(now / width) * width - (SLOTS - 1) * width;
  const slots: Slot[] = Array.from({ length: SLOTS }, (_, place) => ({
    at: begins + place * width,
    applied: 0,
    failed: 0,
    rejected: 0,
    lost: 0,
    p50_ms: null,
    p95_ms: null,
  }));
  for (const bucket of flow.buckets) {
    const slot = slots[Math.floor((Date.parse(bucket.at) - begins) / width)];
    if (!slot) continue;
    for (const fate of FATES) slot[fate] += bucket[fate];
    slot.p50_ms = slower(slot.p50_ms, bucket.p50_ms);
    slot.p95_ms = slower(slot.p95_ms, bucket.p95_ms);
  }
  return slots;
}

function slower(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}

export function totalsOf(slots: readonly Slot[]): Record<Fate, number> {
  const of = (fate: Fate): number => slots.reduce((sum, slot) => sum + slot[fate], 0);
  return { applied: of('applied'), failed: of('failed'), rejected: of('rejected'), lost: of('lost') };
}

export function notApplied(slot: Record<Fate, number>): number {
  return slot.failed + slot.rejected + slot.lost;
}

/** The most that came in one place, of which the picture is as high. */
export function highestOf(slots: readonly Slot[]): number {
  return Math.max(0, ...slots.map((slot) => slot.applied + notApplied(slot)));
}

/** The longest of a wait; `null` where nothing came. */
export function longestOf(slots: readonly Slot[], which: 'p50_ms' | 'p95_ms'): number | null {
  return slots.reduce<number | null>((longest, slot) => slower(longest, slot[which]), null);
}

/** A wait in the unit in which people say it. */
export function longOf(ms: number): { value: number; unit: 'ms' | 'seconds' | 'minutes' | 'hours' } {
  if (ms < 1000) return { value: ms, unit: 'ms' };
  if (ms < 120_000) return { value: ms / 1000, unit: 'seconds' };
  if (ms < 2 * MS_OF_HOUR) return { value: ms / 60_000, unit: 'minutes' };
  return { value: ms / MS_OF_HOUR, unit: 'hours' };
}

/** A part of a bar, from the floor up. */
export interface Stripe {
  applied: boolean;
  y: number;
  height: number;
}

/** The parts of a bar in a picture so high. What was not applied is never too thin to be seen. */
export function stripesOf(slot: Slot, highest: number, height: number, least = 4): Stripe[] {
  const scale = highest === 0 ? 0 : height / highest;
  const bad = notApplied(slot);
  const badHeight = bad === 0 ? 0 : Math.max(least, bad * scale);
  const good = Math.min(slot.applied === 0 ? 0 : Math.max(least, slot.applied * scale), height - badHeight);
  const stripes: Stripe[] = [];
  if (good > 0) stripes.push({ applied: true, y: height - good, height: good });
  if (badHeight > 0) stripes.push({ applied: false, y: height - good - badHeight, height: badHeight });
  return stripes;
}
