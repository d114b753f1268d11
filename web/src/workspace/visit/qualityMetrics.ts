import type { QualityWindow } from '../../api/messages';

/** What can be plotted over a visit. */
export const METRICS = ['speed', 'rtt', 'loss', 'mos'] as const;
export type Metric = (typeof METRICS)[number];

/** The metric in the unit its column names: Mbit/s, ms, per cent, score. */
export function metricValue(window: QualityWindow, metric: Metric): number | null {
  switch (metric) {
    case 'speed':
      // Time without a connection counts as 0, as T does.
      return window.connected ? window.t_mbps : 0;
    case 'rtt':
      return window.rtt_ms;
    case 'loss':
      return window.loss === null ? null : window.loss * 100;
    case 'mos':
      return window.mos;
  }
}
