import type { ReactElement } from 'react';

const WIDTH = 240;
const HEIGHT = 48;

export interface TrendProps {
  values: readonly number[];
  /** What the picture says, for those who do not see it. */
  summary: string;
}

/** How a figure went over the last hours: a line from zero to its highest, without axes. Its words stand below. */
export function Trend({ values, summary }: TrendProps): ReactElement | null {
  if (values.length < 2) return null;
  return (
    <svg
      className="trend"
      role="img"
      aria-label={summary}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <polyline points={trendPoints(values)} />
    </svg>
  );
}

export function trendPoints(values: readonly number[]): string {
  const high = Math.max(...values) || 1;
  const step = WIDTH / Math.max(1, values.length - 1);
  const place = (value: number, index: number): string =>
    `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / high) * (HEIGHT - 4)).toFixed(1)}`;
  return values.map(place).join(' ');
}
