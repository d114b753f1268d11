/** What `GET /api/admin/health` answers, as docs/api.md has it. */

export type HealthState = 'good' | 'look' | 'bad';

export interface HealthPart {
  id: string;
  state: HealthState;
  why: string[];
  figures: Record<string, number | string | boolean | null>;
}

export interface HealthSample {
  at: string;
  commit_p50_ms: number;
  commit_p95_ms: number;
  disk_free: number;
  packets_per_s: number;
}

export interface Health {
  at: string;
  version: string;
  started_at: string;
  state: HealthState;
  parts: HealthPart[];
  history: HealthSample[];
}

export interface HealthSummary {
  state: HealthState;
  bad: string[];
}

export const TONE = { good: 'ok', look: 'warn', bad: 'danger' } as const;

/** The figure that is plotted for a part, and how it is read from a sample. */
export const PLOTTED: Record<string, { unit: 'ms' | 'bytes' | 'perSecond'; of(sample: HealthSample): number }> = {
  store: { unit: 'ms', of: (sample) => sample.commit_p95_ms },
  disk: { unit: 'bytes', of: (sample) => sample.disk_free },
  calls: { unit: 'perSecond', of: (sample) => sample.packets_per_s },
};
