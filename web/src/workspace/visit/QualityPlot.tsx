import type { ReactElement } from 'react';
import { CartesianGrid, Line, LineChart, XAxis, YAxis } from 'recharts';
import type { QualityWindow } from '../../api/messages';
import { formatFigure, formatTime } from '../../format';
import { type Metric, metricValue } from './qualityMetrics';

/** One metric over the visit. The same values stand in a table. */
export default function QualityPlot(props: { windows: QualityWindow[]; metric: Metric; label: string }): ReactElement {
  const { windows, metric, label } = props;
  const rows = windows.map((window) => ({ at: Date.parse(window.from), value: metricValue(window, metric) }));
  const tick = { fill: 'var(--ink-soft)', fontSize: 12 };
  return (
    <div role="img" aria-label={label}>
      <LineChart
        data={rows}
        responsive
        accessibilityLayer={false}
        style={{ width: '100%', height: 220 }}
        margin={{ top: 8, right: 12, bottom: 4, left: 0 }}
      >
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="at"
          type="number"
          domain={['dataMin', 'dataMax']}
          tickFormatter={(at: number) => formatTime(at)}
          minTickGap={36}
          tick={tick}
          stroke="var(--line-strong)"
        />
        <YAxis
          domain={metric === 'mos' ? [1, 4.5] : [0, 'auto']}
          tickFormatter={(value: number) => formatFigure(value)}
          width={46}
          tick={tick}
          stroke="var(--line-strong)"
        />
        <Line
          dataKey="value"
          type="stepAfter"
          stroke="var(--accent)"
          strokeWidth={2}
          dot={false}
          activeDot={false}
          isAnimationActive={false}
        />
      </LineChart>
    </div>
  );
}
