import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactElement, Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { QualityOverVisits } from '../api/messages';
import { Banner, Card, Empty, Failure, Loading, Page } from '../design';
import { formatFigure, localDay, shiftDay } from '../format';
import { Counts } from './Counts';
import { type Filter, FilterBar } from './FilterBar';
import { Formula } from './Formula';
import { VisitTable } from './VisitTable';
import { FEW, movingRangeLimits } from './controlLimits';
import './quality.css';

const ControlChart = lazy(() => import('./ControlChart'));

/** R over visits: is the service steady, and where to look when it is not. */
export default function QualityPage(): ReactElement {
  const { t } = useTranslation('quality');
  const [filter, setFilter] = useState<Filter>(() => ({
    from: shiftDay(localDay(), -29),
    to: localDay(),
    practitioner: '',
  }));
  const quality = useQuery({
    queryKey: ['quality', 'visits', filter],
    queryFn: () => get<QualityOverVisits>(`/quality/visits?${queryOf(filter)}`),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title={t('title')} heading={t('heading')} lead={t('lead')} wide>
      <div className="quality-page">
        <FilterBar filter={filter} onChange={setFilter} />
        {quality.isPending && <Loading>{t('loading')}</Loading>}
        {quality.isError && <Failure error={quality.error} onRetry={() => void quality.refetch()} />}
        {quality.data && <Figures data={quality.data} />}
        <Formula version={quality.data?.method_version ?? null} />
      </div>
    </Page>
  );
}

function Figures({ data }: { data: QualityOverVisits }): ReactElement {
  return (
    <>
      <Counts data={data} />
      <Charts data={data} />
      {data.points.length > 0 && <VisitTable data={data} />}
    </>
  );
}

function Charts({ data }: { data: QualityOverVisits }): ReactElement {
  const { t } = useTranslation('quality');
  const chart = data.chart;
  if (!chart || chart.centre === null || chart.upper === null || chart.lower === null) {
    return (
      <Card>
        <Empty icon="chart" title={t('chart.empty.title')}>
          {t('chart.empty.body')}
        </Empty>
      </Card>
    );
  }
  const ranges = movingRangeLimits(chart.points);
  const beside = t('counts.beside', {
    without: data.not_computed.count,
    failed: data.failed,
    abandoned: data.abandoned,
    noShows: data.no_shows,
  });
  const signals = chart.points.filter((point) => point.signals.length > 0).length;
  return (
    <Card title={t('chart.heading')}>
      <p className="soft">
        {t('chart.unit', { unit: chart.unit })} · {beside}
      </p>
      {chart.points.length < FEW && <Banner>{t('chart.few')}</Banner>}
      <Suspense fallback={<Loading>{t('chart.loading')}</Loading>}>
        <figure className="chart">
          <figcaption>{t('chart.individuals')}</figcaption>
          <ControlChart
            points={chart.points.map((point) => ({
              key: point.visit_id,
              at: point.at,
              value: point.value,
              signalled: point.signals.length > 0,
            }))}
            centre={chart.centre}
            upper={chart.upper}
            lower={chart.lower}
            height={280}
            summary={t('chart.summary', {
              count: chart.points.length,
              centre: formatFigure(chart.centre),
              lower: formatFigure(chart.lower),
              upper: formatFigure(chart.upper),
              signals,
            })}
          />
        </figure>
        {ranges && (
          <figure className="chart">
            <figcaption>{t('chart.movingRange')}</figcaption>
            <ControlChart
              points={chart.points.map((point) => ({
                key: point.visit_id,
                at: point.at,
                value: point.moving_range,
                signalled: (point.moving_range ?? 0) > ranges.upper,
              }))}
              centre={ranges.mean}
              upper={ranges.upper}
              lower={null}
              height={170}
              summary={t('chart.rangeSummary', {
                count: chart.points.length,
                mean: formatFigure(ranges.mean),
                upper: formatFigure(ranges.upper),
              })}
            />
          </figure>
        )}
      </Suspense>
    </Card>
  );
}

/** Days are whole days where the reader is. */
function queryOf(filter: Filter): string {
  const query = new URLSearchParams({
    from: new Date(`${filter.from}T00:00`).toISOString(),
    to: new Date(`${shiftDay(filter.to, 1)}T00:00`).toISOString(),
  });
  if (filter.practitioner) query.set('practitioner', filter.practitioner);
  return query.toString();
}
