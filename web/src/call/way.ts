/** By what the packets of a call travel. */
export type Way = 'udp' | 'tcp' | 'relay';

/** The path of a connection. */
export interface Path {
  way: Way;
  /** Received over it so far: it grows as long as the other end is there, who reports on what it receives. */
  bytes: number;
}

/** How long after a call runs over something worse than UDP another way is looked for, and how long at most. */
const FIRST_LOOK_MS = 15_000;
const LAST_LOOK_MS = 120_000;

/** The path of a connection now; `null` while it has none. */
export function pathOf(stats: RTCStatsReport): Path | null {
  const entries = new Map<string, Record<string, unknown>>();
  stats.forEach((entry: Record<string, unknown> & { id: string }) => entries.set(entry.id, entry));
  const pair = selectedPair(entries);
  const local = entries.get(text(pair?.localCandidateId));
  if (!local) return null;
  const bytes = typeof pair?.bytesReceived === 'number' ? pair.bytesReceived : 0;
  if (local.candidateType === 'relay') return { way: 'relay', bytes };
  return { way: local.protocol === 'tcp' ? 'tcp' : 'udp', bytes };
}

/** The wait before the look after so many that found nothing better. */
export function lookAgainAfter(looks: number): number {
  return Math.min(FIRST_LOOK_MS * 2 ** looks, LAST_LOOK_MS);
}

/** Firefox has no `transport` entry and marks the pair itself. */
function selectedPair(entries: Map<string, Record<string, unknown>>): Record<string, unknown> | undefined {
  const all = [...entries.values()];
  const transport = all.find((entry) => entry.type === 'transport' && entry.selectedCandidatePairId);
  if (transport) return entries.get(text(transport.selectedCandidatePairId));
  return all.find((entry) => entry.type === 'candidate-pair' && entry.selected === true);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
