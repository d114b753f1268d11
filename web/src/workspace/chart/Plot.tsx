import { type ReactElement, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDay, formatNumber } from '../../format';
import type { Plot as PlotOf } from './measured';
import { scale, ticksOf } from './scales';
import { useCodeWord } from './words';

const WIDTH = 340;
const HEIGHT = 150;
const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const BOTTOM = 24;

/**
 * Values of one thing in one unit over time, with the range that the sender calls usual as a band. The values themselves
 * stand in the table beside it; what it shows is said in its label.
 */
export function Plot({ plot }: { plot: PlotOf }): ReactElement {
  const { t } = useTranslation('record');
  const word = useCodeWord();
  const titleId = useId();
  const points = plot.lines.flatMap((line) => line.points);
  const times = points.map((point) => point.at);
  const bounds = [plot.range?.low, plot.range?.high].filter((end): end is number => typeof end === 'number');
  const values = [...points.map((point) => point.value), ...bounds];
  const ticks = ticksOf(Math.min(...values), Math.max(...values));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = scale(first, last, LEFT + 6, WIDTH - RIGHT - 4);
  const y = scale(ticks[0] ?? 0, ticks.at(-1) ?? 1, HEIGHT - BOTTOM, TOP);
  const label = t('plot.label', {
    name: word(plot),
    unit: plot.unit,
    count: Math.max(...plot.lines.map((line) => line.points.length)),
    from: formatDay(first),
    to: formatDay(last),
  });
  return (
    <svg className="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={titleId}>
      <title id={titleId}>{label}</title>
      <Band range={plot.range} y={y} />
      {ticks.map((tick) => (
        <g key={tick}>
          <line className="plot-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text className="plot-tick" x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
            {formatNumber(tick, 3)}
          </text>
        </g>
      ))}
      {plot.lines.map((line, index) => (
        <g key={line.code} className="plot-line" data-line={index}>
          <polyline points={line.points.map((point) => `${x(point.at)},${y(point.value)}`).join(' ')} />
          {line.points.map((point) => (
            <Dot key={point.measured.id} index={index} x={x(point.at)} y={y(point.value)} />
          ))}
        </g>
      ))}
      <text className="plot-tick" x={LEFT} y={HEIGHT - 6}>
        {formatDay(first)}
      </text>
      {last !== first && (
        <text className="plot-tick" x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
          {formatDay(last)}
        </text>
      )}
    </svg>
  );
}

/** Lines are told apart by shape as well as by colour. */
function Dot({ index, x, y }: { index: number; x: number; y: number }): ReactElement {
  return index === 0 ? <circle cx={x} cy={y} r={3} /> : <rect x={x - 2.8} y={y - 2.8} width={5.6} height={5.6} />;
}

function Band({ range, y }: { range: PlotOf['range']; y: (value: number) => number }): ReactElement | null {
  if (!range) return null;
  const top = range.high === null ? TOP : y(range.high);
  const bottom = range.low === null ? HEIGHT - BOTTOM : y(range.low);
  return <rect className="plot-band" x={LEFT} width={WIDTH - RIGHT - LEFT} y={top} height={Math.max(0, bottom - top)} />;
}
