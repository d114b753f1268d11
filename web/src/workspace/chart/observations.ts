import type { Chart } from '../../api/messages';

export interface Reading {
  at: string;
  /** As it was recorded, for example `138/86`. */
  shown: string;
  /** What is drawn: one number, or two for blood pressure; empty when the value is not a number. */
  numbers: number[];
}

export interface Series {
  code: string;
  name: string;
  unit: string | null;
  /** Oldest first. */
  readings: Reading[];
}

/** The chart's observations, one series per code, the most recently measured first. */
export function seriesOf(observations: Chart['observations']): Series[] {
  const series = new Map<string, Series>();
  for (const one of [...observations].sort((a, b) => a.at.localeCompare(b.at))) {
    const known = series.get(one.code) ?? { code: one.code, name: one.text, unit: one.unit, readings: [] };
    known.readings.push({ at: one.at, shown: String(one.value), numbers: numbersIn(one.value) });
    series.set(one.code, known);
  }
  const last = (one: Series): string => one.readings.at(-1)?.at ?? '';
  return [...series.values()].sort((a, b) => last(b).localeCompare(last(a)));
}

/** UCUM units as people write them. */
export function unitWord(unit: string | null): string {
  if (!unit) return '';
  return UNIT_WORDS[unit] ?? unit;
}

const UNIT_WORDS: Record<string, string> = { Cel: '°C', 'mm[Hg]': 'mmHg', '/min': '/min', '{score}': '' };

function numbersIn(value: number | string): number[] {
  const parts = String(value)
    .split('/')
    .map((part) => Number(part.trim()));
  return parts.every(Number.isFinite) ? parts : [];
}
