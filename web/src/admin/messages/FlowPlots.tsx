import type { ReactElement } from 'react';
import { type Slot, stripesOf } from './flow';

const WIDTH = 720;
const HEIGHT = 100;

interface CamePlotProps {
  slots: readonly Slot[];
  highest: number;
  /** What the picture says, for those who do not see it. */
  summary: string;
}

/** How many messages came: a bar for each time, and on top of it, striped, those that were not applied. */
export function CamePlot({ slots, highest, summary }: CamePlotProps): ReactElement {
  const step = WIDTH / slots.length;
  return (
    <svg className="plot" role="img" aria-label={summary} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      <defs>
        <pattern id="not-applied" width="4" height="5" patternUnits="userSpaceOnUse">
          <rect className="plot-bad" width="4" height="5" />
          <rect className="plot-gap" width="4" height="1.2" />
        </pattern>
      </defs>
      {slots.map((slot, place) =>
        stripesOf(slot, highest, HEIGHT).map(({ applied, y, height }) => (
          <rect
            key={`${slot.at}-${applied}`}
            className={applied ? 'plot-good' : undefined}
            fill={applied ? undefined : 'url(#not-applied)'}
            x={place * step + 1}
            width={step - 2}
            y={y}
            height={height}
          />
        )),
      )}
    </svg>
  );
}

interface WaitPlotProps {
  slots: readonly Slot[];
  longest: number;
  summary: string;
}

/** How long messages waited for their answers: as high as 95 % of them, and filled as high as half of them. */
export function WaitPlot({ slots, longest, summary }: WaitPlotProps): ReactElement {
  const step = WIDTH / slots.length;
  const high = (ms: number | null): number => (ms === null ? 0 : Math.max(2, (ms / Math.max(1, longest)) * HEIGHT));
  const bar = (look: string, place: number, height: number): ReactElement => (
    <rect className={look} x={place * step + 1} width={step - 2} y={HEIGHT - height} height={height} />
  );
  return (
    <svg className="plot" role="img" aria-label={summary} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      {slots.map((slot, place) => (
        <g key={slot.at}>
          {slot.p95_ms !== null && bar('plot-most', place, high(slot.p95_ms))}
          {slot.p50_ms !== null && bar('plot-median', place, high(slot.p50_ms))}
        </g>
      ))}
    </svg>
  );
}
