import { describe, expect, test } from 'vitest';
import type { Chart, Measured, Report } from '../../api/chart';
import { flagsOf, isFlagged, measurementsOf, resultsOf, rowsOf } from './measured';

let count = 0;
function measured(changed: Partial<Measured>): Measured {
  const id = changed.observation_id ?? `o${(count += 1)}`;
  return {
    id,
    observation_id: id,
    version: 1,
    code: '29463-7',
    system: 'http://loinc.org',
    text: 'Body weight',
    panel: null,
    value: 80,
    comparator: null,
    unit: 'kg',
    ucum: 'kg',
    range: null,
    flags: [],
    category: ['vital-signs'],
    absent: '',
    status: 'final',
    note: null,
    at: '2026-01-01T08:00:00Z',
    visit_id: '',
    ...changed,
  };
}

describe('what a plot joins', () => {
  test('is of one thing in one unit: kilograms and pounds are two plots', () => {
    const { plots, asSent } = measurementsOf([measured({}), measured({ unit: 'lb', ucum: '[lb_av]', value: 176 }), measured({ value: 81 })]);
    expect(plots.map((plot) => [plot.code, plot.ucum, plot.lines[0]?.points.map((point) => point.value)])).toEqual([
      ['29463-7', 'kg', [80, 81]],
      ['29463-7', '[lb_av]', [176]],
    ]);
    expect(asSent).toEqual([]);
  });
  test('is never a value without a unit of UCUM, without a number, with a limit only, or without a time', () => {
    const others = [
      measured({ unit: '斤', ucum: null }),
      measured({ unit: null, ucum: null }),
      measured({ value: 'light' }),
      measured({ comparator: '<' }),
      measured({ at: null }),
      measured({ at: 'yesterday' }),
      measured({ value: null, absent: 'not done' }),
    ];
    const { plots, asSent } = measurementsOf([measured({}), ...others]);
    expect(plots[0]?.lines[0]?.points).toHaveLength(1);
    expect(asSent).toHaveLength(others.length);
  });
  test('is nothing that was entered in error', () => {
    const { plots, inError } = measurementsOf([measured({ status: 'entered-in-error' })]);
    expect([plots.length, inError.length]).toEqual([0, 1]);
  });
  test('are the parts of a panel, as lines of one plot, without a range of one of them', () => {
    const panel = { code: '85354-9', text: 'Blood pressure' };
    const part = (code: string, value: number): Measured =>
      measured({ id: `p.${code}`, observation_id: 'p', code, text: code, value, panel, unit: 'mm[Hg]', ucum: 'mm[Hg]', range: { low: 60, high: 90, text: null } });
    const [plot] = measurementsOf([part('8480-6', 140), part('8462-4', 85)]).plots;
    expect(plot?.lines.map((line) => line.code)).toEqual(['8480-6', '8462-4']);
    expect(plot?.range).toBeNull();
    expect(plot && rowsOf(plot).map((row) => row.values.map((one) => one?.value))).toEqual([[140, 85]]);
  });
  test('keeps two observations of one moment in two rows', () => {
    const [plot] = measurementsOf([measured({ value: 80 }), measured({ value: 82 })]).plots;
    expect(plot && rowsOf(plot)).toHaveLength(2);
  });
  test('shows the range that was sent last', () => {
    const { plots } = measurementsOf([measured({ range: { low: 50, high: 90, text: null } }), measured({ at: '2026-02-01T08:00:00Z', range: { low: 55, high: 85, text: null } })]);
    expect(plots[0]?.range).toMatchObject({ low: 55, high: 85 });
  });
});

describe('flags', () => {
  test('are words where they are known, and what was written where not', () => {
    const flags = [
      { code: 'HH', text: '' },
      { code: 'N', text: '' },
      { code: 'X9', text: 'odd' },
    ];
    expect(flagsOf({ flags })).toEqual([
      { flag: 'critical-high', text: '' },
      { flag: 'normal', text: '' },
      { flag: null, text: 'odd' },
    ]);
  });
  test('of an unknown kind count as flagged, and normal ones do not', () => {
    expect(isFlagged({ flags: [{ code: 'X9', text: 'odd' }] })).toBe(true);
    expect(isFlagged({ flags: [{ code: 'N', text: '' }] })).toBe(false);
    expect(isFlagged({ flags: [] })).toBe(false);
  });
});

describe('results', () => {
  const report = (id: string, at: string, results: string[]): Report => ({
    id,
    version: 1,
    text: 'Blood tests',
    code: null,
    status: 'final',
    category: [],
    at,
    issued: null,
    conclusion: null,
    by: null,
    results,
    visit_id: '',
  });
  test('lie under their reports, the newest first, and say what is missing', () => {
    const observations = [measured({ observation_id: 'a' }), measured({ observation_id: 'b' }), measured({ observation_id: 'c', category: ['laboratory'] })];
    const chart: Pick<Chart, 'reports' | 'observations'> = { reports: [report('r1', '2026-01-01', ['a', 'gone']), report('r2', '2026-02-01', ['b'])], observations };
    const { reports, loose } = resultsOf(chart);
    expect(reports.map((one) => [one.report.id, one.results.map((result) => result.id), one.missing])).toEqual([
      ['r2', ['b'], 0],
      ['r1', ['a'], 1],
    ]);
    expect(loose.map((one) => one.id)).toEqual(['c']);
  });
});
