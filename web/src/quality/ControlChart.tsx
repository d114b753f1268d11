import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import { useNarrow } from '../design/Parts';
import { formatDay, formatFigure } from '../format';
import { roundTicks } from './roundTicks';

export interface Plotted {
  key: string;
  at: string;
  value: number | null;
  signalled: boolean;
}

export interface ControlChartProps {
  points: readonly Plotted[];
  centre: number;
  upper: number;
  lower: number | null;
  height: number;
  /** What the picture says, for those who do not see it. */
  summary: string;
}

/** A control chart: visits in order, centre, limits, and a mark on what lies outside. Its figures stand in a table too. */
export default function ControlChart({
  points,
  centre,
  upper,
  lower,
  height,
  summary,
}: ControlChartProps): ReactElement {
  const { t } = useTranslation('quality');
  const narrow = useNarrow();
  const rows = points.map((point, index) => ({ ...point, index }));
  const values = rows.flatMap((row) => (row.value === null ? [] : [row.value]));
  const ticks = roundTicks(Math.min(lower ?? 0, ...values), Math.max(upper, ...values), 5);
  // A phone has no room for words at the lines: they stand below the picture instead.
  const named = (text: string): object => (narrow ? {} : { label: lineLabel(text) });
  const words = {
    centre: `${t('chart.centre')} ${formatFigure(centre)}`,
    upper: `${t('chart.upperShort')} ${formatFigure(upper)}`,
    lower: lower === null ? '' : `${t('chart.lowerShort')} ${formatFigure(lower)}`,
  };
  return (
    <div role="img" aria-label={summary}>
      <LineChart
        data={rows}
        responsive
        accessibilityLayer={false}
        style={{ width: '100%', height }}
        margin={{ top: 8, right: narrow ? 8 : roomFor(Object.values(words)), bottom: 4, left: 0 }}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="index"
          tickFormatter={(index: number) => (rows[index] ? formatDay(rows[index].at) : '')}
          minTickGap={32}
          tick={{ fill: 'var(--ink-soft)', fontSize: 12 }}
          stroke="var(--line-strong)"
        />
        <YAxis
          domain={[ticks[0] ?? 0, ticks.at(-1) ?? 1]}
          ticks={ticks}
          tickFormatter={(value: number) => formatFigure(value)}
          width={narrow ? 36 : 52}
          tick={{ fill: 'var(--ink-soft)', fontSize: 12 }}
          stroke="var(--line-strong)"
        />
        <ReferenceLine y={centre} stroke="var(--ink-soft)" {...named(words.centre)} />
        <ReferenceLine
          y={upper}
          stroke="var(--danger)"
          strokeDasharray="6 4"
          {...named(words.upper)}
        />
        {lower !== null && (
          <ReferenceLine
            y={lower}
            stroke="var(--danger)"
            strokeDasharray="6 4"
            {...named(words.lower)}
          />
        )}
        <Line
          dataKey="value"
          stroke="var(--accent)"
          strokeWidth={2}
          isAnimationActive={false}
          dot={(dot: { cx?: number; cy?: number; payload?: Plotted; index?: number }) => (
            <Dot key={dot.index ?? 0} {...dot} radius={narrow ? 2.5 : 3.5} />
          )}
          activeDot={false}
        />
      </LineChart>
      {narrow && (
        <p className="soft small numbers">{Object.values(words).filter(Boolean).join(' · ')}</p>
      )}
    </div>
  );
}

/** A ring for an ordinary visit; a filled diamond, twice as large, for one to look at. */
function Dot({
  cx,
  cy,
  payload,
  radius,
}: {
  cx?: number;
  cy?: number;
  payload?: Plotted;
  radius: number;
}): ReactElement {
  if (cx === undefined || cy === undefined || !payload || payload.value === null) return <g />;
  if (!payload.signalled)
    return <circle cx={cx} cy={cy} r={radius} fill="var(--surface)" stroke="var(--accent)" strokeWidth={2} />;
  return <path d={`M${cx} ${cy - 7}l7 7-7 7-7-7Z`} fill="var(--danger)" stroke="var(--surface)" strokeWidth={1.5} />;
}

const LABEL_PX = 12;

function lineLabel(value: string): { value: string; position: 'right'; fill: string; fontSize: number } {
  return { value, position: 'right', fill: 'var(--ink-soft)', fontSize: LABEL_PX };
}

/** Pixels that the widest of these takes beside the plot: a Chinese character is as wide as high, others about half. */
function roomFor(labels: readonly string[]): number {
  const width = (label: string): number =>
    [...label].reduce((sum, sign) => sum + LABEL_PX * (/\p{Script=Han}/u.test(sign) ? 1 : 0.62), 0);
  return Math.ceil(Math.max(...labels.map(width))) + 14;
}
