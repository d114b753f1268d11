/** What `/api/admin/retention` and `/api/admin/holds` speak, as docs/api.md has it. */

export interface Retention {
  years: number;
  /** What the operator of the machine wants at least. */
  least: number;
  most: number;
  /** Counts decisions; 0: none so far. */
  revision: number;
  history: { years: number; at: string; reason: string; by: string | null }[];
}

export interface Hold {
  patient_id: string;
  at: string;
  reason: string;
  /** None: the operator on the machine. */
  by: string | null;
  organization: string | null;
}

/** A patient as an administrator is told them. */
export interface Identified {
  id: string;
  held: boolean;
}

/** A recording as an administrator is told of it. */
export interface KeptRecording {
  id: string;
  at: string;
  organization: string;
  size: number;
  length_ms: number | null;
  kept_until: string;
  over: boolean;
  held: boolean;
}

export interface Kept {
  /** What the operator of the machine wants at least. */
  years: number;
  recordings: KeptRecording[];
}

export const RECORDINGS_KEY = ['admin', 'recordings'] as const;
export const RETENTION_KEY = ['admin', 'retention'] as const;
export const HOLDS_KEY = ['admin', 'holds'] as const;

/** What is wrong with the years that somebody typed. */
export function faultOfYears(text: string, { least, most }: Pick<Retention, 'least' | 'most'>): 'range' | null {
  const years = /^\d{1,3}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return years >= least && years <= most ? null : 'range';
}
