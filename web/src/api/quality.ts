/** Quality over visits, as docs/api.md has it. */

export interface QualityPoint {
  visit_id: string;
  at: string;
  r: number | null;
  r_ref: number | null;
  t: number | null;
  c: number | null;
  d: number | null;
  mos: number | null;
  visit_type: string;
}
export interface ControlPoint {
  visit_id: string;
  at: string;
  value: number;
  moving_range: number | null;
  signals: ('beyond-limit' | 'run-of-eight' | 'jump')[];
}
export interface QualityOverVisits {
  points: QualityPoint[];
  /** Centre and limits are `null` while too few visits have R. */
  chart: {
    centre: number | null;
    upper: number | null;
    lower: number | null;
    unit: string;
    points: ControlPoint[];
  } | null;
  /** Visits without R; each is counted once among the reasons. */
  not_computed: { count: number; reasons: Record<string, number> };
  /** Of those without R. */
  failed: number;
  abandoned: number;
  no_shows: number;
  method_version: string;
}
