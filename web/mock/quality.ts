import type * as api from '../src/api/messages.ts';
import { account } from './access.ts';
import type { Router } from './http.ts';
import type { World } from './world.ts';

export function qualityRoutes(router: Router, world: World): void {
  router.on('GET', '/quality/visits', (call) => {
    account(world, call);
    const points = Array.from({ length: 40 }, (_, index) => point(index));
    return {
      json: {
        points,
        chart: chartOf(points),
        not_computed: { count: 4, reasons: { 'no-media': 2, 'no-cost': 1, 'not-admitted': 1 } },
        failed: 2,
        abandoned: 1,
        no_shows: 1,
        method_version: '1',
      } satisfies api.QualityOverVisits,
    };
  });
}

function point(index: number): api.QualityPoint {
  // A fixed wave instead of chance, so that pictures do not differ from run to run.
  const t = 3 + Math.sin(index * 1.7) * 1.1;
  const c = index % 3 === 0 ? 30 : 46;
  const d = 70 + 30 * Math.cos(index * 2.3) + (index === 31 ? 420 : 0);
  return {
    visit_id: `past-${index}`,
    at: new Date(Date.now() - (40 - index) * 43_200_000).toISOString(),
    r: (t * c) / d,
    r_ref: (t * 50) / d,
    t,
    c,
    d,
    mos: 4 + 0.3 * Math.sin(index),
    visit_type: index % 3 === 0 ? 'follow-up' : 'general',
  };
}

function chartOf(points: api.QualityPoint[]): NonNullable<api.QualityOverVisits['chart']> {
  const values = points.map((one) => Math.log(one.r_ref ?? one.r ?? 1));
  const ranges = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? value)));
  const mean = (list: number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const centre = mean(values);
  const reach = 2.66 * mean(ranges);
  return {
    centre,
    upper: centre + reach,
    lower: centre - reach,
    unit: 'ln(Mbit/s.CNY/s)',
    points: points.map((one, index) => {
      const value = values[index] ?? centre;
      return {
        visit_id: one.visit_id,
        at: one.at,
        value,
        moving_range: index ? (ranges[index - 1] ?? null) : null,
        signals: Math.abs(value - centre) > reach ? ['beyond-limit'] : [],
      };
    }),
  };
}
