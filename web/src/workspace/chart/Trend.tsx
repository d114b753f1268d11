import type { ReactElement } from 'react';
import type { Reading } from './observations';

const WIDTH = 132;
const HEIGHT = 34;
const PAD = 4;

/** A small plot of a series over time. Its values stand in the table beside it; the label says the span. */
export function Trend({ readings, label }: { readings: readonly Reading[]; label: string }): ReactElement | null {
  const drawn = readings.filter((reading) => reading.numbers.length > 0).slice(-24);
  if (drawn.length < 2) return null;
  const times = drawn.map((reading) => Date.parse(reading.at));
  const values = drawn.flatMap((reading) => reading.numbers);
  const x = scale(Math.min(...times), Math.max(...times), PAD, WIDTH - PAD);
  const y = scale(Math.min(...values), Math.max(...values), HEIGHT - PAD, PAD);
  const lines = drawn[0]?.numbers.map((_, part) =>
    drawn.flatMap((reading, index) => {
      const value = reading.numbers[part];
      return value === undefined ? [] : [[x(times[index] ?? 0), y(value)] as const];
    }),
  );
  return (
    <svg
      className="trend"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      {lines?.map((points, index) => (
        <g key={index}>
          <polyline points={points.map((point) => point.join(',')).join(' ')} />
          <circle cx={points.at(-1)?.[0]} cy={points.at(-1)?.[1]} r={3} />
        </g>
      ))}
    </svg>
  );
}

function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = high - low;
  return (value) => Math.round((span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from)) * 10) / 10;
}
