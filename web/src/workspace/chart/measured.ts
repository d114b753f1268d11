import type { Chart, Measured, Report } from '../../api/chart';

/** One line of a plot: values of one code in one unit. */
export interface Line {
  system: string | null;
  code: string;
  name: string;
  points: { at: number; value: number; measured: Measured }[];
}

/** A plot: of one thing, in one unit, never in two. */
export interface Plot {
  key: string;
  system: string | null;
  code: string;
  name: string;
  ucum: string;
  /** As people write it. */
  unit: string;
  lines: Line[];
  /** The newest range that a sender gave for it; none where senders gave one for a line of several. */
  range: { low: number | null; high: number | null } | null;
}

/** What there is to see of a chart's measurements. */
export interface Measurements {
  plots: Plot[];
  /** What no plot can have: no number, no unit of UCUM, no time, or a comparator; as it was sent. */
  asSent: Measured[];
  /** What was entered in error. */
  inError: Measured[];
}

/** In the laboratory's reports; the rest of the measurements are vital signs and the like. */
export function isOfLaboratory(one: Measured, reported: ReadonlySet<string>): boolean {
  return reported.has(one.observation_id) || one.category.includes('laboratory');
}

export function reportedIn(reports: readonly Report[]): Set<string> {
  return new Set(reports.flatMap((report) => report.results));
}

/** Plots by what was measured and by unit, in the order in which they were measured last. */
export function measurementsOf(observations: readonly Measured[]): Measurements {
  const plots = new Map<string, Plot>();
  const found: Measurements = { plots: [], asSent: [], inError: [] };
  for (const one of [...observations].sort(byTime)) {
    if (isInError(one)) found.inError.push(one);
    else if (!isPlotted(one)) found.asSent.push(one);
    else place(plots, one);
  }
  found.plots = [...plots.values()].sort((a, b) => newest(b) - newest(a));
  found.asSent.reverse();
  return found;
}

export function isInError({ status }: Pick<Measured, 'status'>): boolean {
  return status === 'entered-in-error' || status === 'cancelled';
}

/** Only a plain number with a unit of UCUM and a time can stand in a plot. */
function isPlotted(one: Measured): boolean {
  return typeof one.value === 'number' && one.ucum !== null && one.comparator === null && one.at !== null && !Number.isNaN(Date.parse(one.at));
}

function place(plots: Map<string, Plot>, one: Measured): void {
  const code = one.panel?.code ?? one.code ?? one.text;
  const key = `${one.system} ${code} ${one.ucum}`;
  const plot = plots.get(key) ?? {
    key,
    system: one.system,
    code,
    name: one.panel?.text ?? one.text,
    ucum: one.ucum ?? '',
    unit: unitWord(one.unit ?? one.ucum),
    lines: [],
    range: null,
  };
  plots.set(key, plot);
  const own = one.code ?? one.text;
  let line = plot.lines.find((known) => known.code === own);
  if (!line) plot.lines.push((line = { system: one.system, code: own, name: one.text, points: [] }));
  line.points.push({ at: Date.parse(one.at ?? ''), value: one.value as number, measured: one });
  if (one.range && (one.range.low !== null || one.range.high !== null)) plot.range = one.range;
  // A range of one of several lines would be read as that of all.
  if (plot.lines.length > 1) plot.range = null;
}

function newest(plot: Plot): number {
  return Math.max(...plot.lines.flatMap((line) => line.points.map((point) => point.at)));
}

function byTime(a: Measured, b: Measured): number {
  return (a.at ?? '').localeCompare(b.at ?? '');
}

/** The rows of the table beside a plot: a time, and the value of each line at it; newest first. */
export function rowsOf(plot: Plot): { at: number; values: (Measured | null)[] }[] {
  const times = new Map<string, { at: number; values: (Measured | null)[] }>();
  plot.lines.forEach((line, index) => {
    for (const { at, measured } of line.points) {
      // Values of one observation stand in one row; two of one time that are not stay apart.
      const key = `${at} ${measured.observation_id}`;
      const row = times.get(key) ?? { at, values: plot.lines.map(() => null) };
      row.values[index] = measured;
      times.set(key, row);
    }
  });
  return [...times.values()].sort((a, b) => b.at - a.at);
}

export type Flag = 'critical-high' | 'critical-low' | 'high' | 'low' | 'abnormal' | 'normal' | 'positive' | 'negative';

const FLAGS: Record<string, Flag> = {
  HH: 'critical-high',
  HU: 'critical-high',
  LL: 'critical-low',
  LU: 'critical-low',
  AA: 'abnormal',
  H: 'high',
  HX: 'high',
  '>': 'high',
  L: 'low',
  LX: 'low',
  '<': 'low',
  A: 'abnormal',
  N: 'normal',
  POS: 'positive',
  DET: 'positive',
  NEG: 'negative',
  ND: 'negative',
};

/** What the sender thinks of a value: a word that is known, or what they wrote. Nothing is judged here. */
export function flagsOf({ flags }: Pick<Measured, 'flags'>): { flag: Flag | null; text: string }[] {
  return flags.map(({ code, text }) => ({ flag: FLAGS[code ?? ''] ?? null, text }));
}

/** Whether a sender calls a value anything but usual. */
export function isFlagged(one: Pick<Measured, 'flags'>): boolean {
  return flagsOf(one).some(({ flag }) => flag !== 'normal' && flag !== 'negative');
}

/** The results of each report, the newest report first, and those of no report. */
export function resultsOf(chart: Pick<Chart, 'reports' | 'observations'>): {
  reports: { report: Report; results: Measured[]; missing: number }[];
  loose: Measured[];
} {
  const reported = reportedIn(chart.reports);
  const reports = [...chart.reports]
    .sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''))
    .map((report) => {
      const results = report.results.flatMap((id) => chart.observations.filter((one) => one.observation_id === id));
      const found = new Set(results.map((one) => one.observation_id));
      return { report, results, missing: report.results.filter((id) => !found.has(id)).length };
    });
  const loose = chart.observations.filter((one) => one.category.includes('laboratory') && !reported.has(one.observation_id));
  return { reports, loose: loose.sort((a, b) => byTime(b, a)) };
}

/** The range that the sender calls usual, with its unit as people write it; where it has no ends, as it was written. */
export function rangeWords({ range, unit }: Pick<Measured, 'range' | 'unit'>, number: (value: number) => string): string {
  if (!range) return '';
  const { low, high, text } = range;
  if (low === null && high === null) return text ?? '';
  const ends = low === null ? `≤ ${number(high ?? 0)}` : high === null ? `≥ ${number(low)}` : `${number(low)} – ${number(high)}`;
  return `${ends} ${unitWord(unit)}`.trim();
}

/** UCUM units as people write them. */
export function unitWord(unit: string | null): string {
  if (!unit) return '';
  return UNIT_WORDS[unit] ?? unit;
}

const UNIT_WORDS: Record<string, string> = {
  Cel: '°C',
  'mm[Hg]': 'mmHg',
  '{score}': '',
  '[lb_av]': 'lb',
  '[in_i]': 'in',
  'umol/L': 'µmol/L',
  'kg/m2': 'kg/m²',
};
