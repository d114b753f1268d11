import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Banner, Card, Facts, Failure, Loading, StatusPill } from '../../design';
import { formatDayTime, formatNumber, formatTimeWithSeconds } from '../../format';
import { Trend } from './Trend';
import { figuresOf, formatBytes } from './figures';
import { PLOTTED, TONE, type Health, type HealthPart, type HealthSample } from './health';
import './health.css';

const EVERY_MS = 10_000;

/** How each part of the server does, in words and figures, looked at again every ten seconds. */
export default function HealthPage(): ReactElement {
  const { t } = useTranslation('admin');
  const health = useQuery({
    queryKey: ['admin', 'health'],
    queryFn: () => get<Health>('/admin/health'),
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('health.heading')}</h2>
          <p className="soft">{t('health.explain')}</p>
        </div>
      </div>
      {health.isPending && <Loading />}
      {health.isError && <Failure error={health.error} onRetry={() => void health.refetch()} />}
      {health.data && <Parts health={health.data} stale={health.isError} />}
    </>
  );
}

function Parts({ health, stale }: { health: Health; stale: boolean }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <>
      <Banner tone={TONE[health.state]} live="status" title={t(`health.all.${health.state}`)}>
        <span className="numbers">
          {t(stale ? 'health.asOf' : 'health.now', { time: formatTimeWithSeconds(health.at) })} ·{' '}
          {t('health.version', { version: health.version, at: formatDayTime(health.started_at) })}
        </span>
      </Banner>
      <div className="health-parts">
        {health.parts.map((part) => (
          <Part key={part.id} part={part} history={health.history} />
        ))}
      </div>
    </>
  );
}

function Part({ part, history }: { part: HealthPart; history: readonly HealthSample[] }): ReactElement {
  const { t } = useTranslation('admin');
  const plotted = PLOTTED[part.id];
  const values = plotted ? history.map((sample) => plotted.of(sample)) : [];
  const words = plotted && values.length > 1 ? inWords(t, part.id, plotted.unit, values) : null;
  return (
    <Card
      title={t(`health.part.${part.id}`)}
      level={3}
      aside={<StatusPill tone={TONE[part.state]}>{t(`health.state.${part.state}`)}</StatusPill>}
    >
      <div className="stack">
        {part.why.map((why) => (
          <p key={why} className="health-why">
            {t(`health.why.${why.replaceAll('.', '_')}`)}
          </p>
        ))}
        {words && (
          <div>
            <Trend values={values} summary={words} />
            <p className="soft small numbers">{words}</p>
          </div>
        )}
        <Facts items={figuresOf(part, t).map(([term, value]) => [term, <span className="numbers">{value}</span>])} />
      </div>
    </Card>
  );
}

function inWords(t: TFunction<'admin'>, part: string, unit: 'ms' | 'bytes' | 'perSecond', values: number[]): string {
  const write = (value: number): string => {
    if (unit === 'bytes') return formatBytes(value);
    return t(unit === 'ms' ? 'health.ms' : 'health.perSecond', { value: formatNumber(value, unit === 'ms' ? 2 : 0) });
  };
  return t(`health.trend.${part}`, { low: write(Math.min(...values)), high: write(Math.max(...values)) });
}
