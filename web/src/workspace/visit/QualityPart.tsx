import { useQuery } from '@tanstack/react-query';
import { type ReactElement, Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get } from '../../api/client';
import type { Quality, QualityWindow } from '../../api/messages';
import { Button, Card, Failure, Loading, Select, StatusPill } from '../../design';
import { DataTable } from '../../design/DataTable';
import { formatFigure, formatMoney, formatNumber, formatTimeWithSeconds } from '../../format';
import { useRoom } from '../../visit/VisitRoom';
import { CallTimeline } from './CallTimeline';
import { LadderSteps } from './LadderSteps';
import { type Metric, METRICS, metricValue } from './qualityMetrics';

const QualityPlot = lazy(() => import('./QualityPlot'));

/** Somebody whose connection was measured, by the id that the windows name. */
export interface Measured {
  id: string;
  name: string;
  /** Beside the name. */
  hint?: string;
}

/** The quality of the visit that one is in. */
export function QualityPart(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit } = useRoom();
  const people = visit.participants.map(({ id, name, role }) => ({ id, name, hint: t(`visit.role.${role}`) }));
  const live = visit.state === 'in-progress' || visit.state === 'onleave';
  const standing = live ? 'live' : visit.admitted_at === null ? 'before' : 'final';
  return <VisitFigures visitId={visit.id} standing={standing} people={people} />;
}

export interface VisitFiguresProps {
  visitId: string;
  standing: 'before' | 'live' | 'final';
  people: readonly Measured[];
  /** Shown where the server knows no such visit. */
  missing?: ReactElement;
}

/** T, C, D and R of a visit with units and sources: live while it goes on, final after it. */
export function VisitFigures({ visitId, standing, people, missing }: VisitFiguresProps): ReactElement {
  const { t } = useTranslation('workspace');
  const live = standing === 'live';
  const quality = useQuery({
    queryKey: ['visit-quality', visitId, standing],
    queryFn: () => get<Quality>(`/visits/${encodeURIComponent(visitId)}/quality`),
    refetchInterval: live ? 5_000 : false,
  });
  if (quality.isPending) return <Loading />;
  if (missing && quality.error instanceof ApiError && quality.error.status === 404) return missing;
  if (!quality.data) return <Failure error={quality.error} onRetry={() => void quality.refetch()} />;
  return (
    <>
      <Card
        title={t('quality.heading')}
        level={2}
        aside={
          standing !== 'before' && <StatusPill tone={live ? 'info' : 'ok'}>{live ? t('quality.live') : t('quality.final')}</StatusPill>
        }
      >
        <p className="soft">{t('quality.explain')}</p>
        <Figures quality={quality.data} />
        <p className="soft small">
          {t('quality.rRefHint')} {t('quality.method', { version: quality.data.method_version })}
        </p>
      </Card>
      <CallTimeline windows={quality.data.windows} steps={quality.data.steps ?? []} among={people} />
      <Course windows={quality.data.windows} among={people} />
      <LadderSteps steps={quality.data.steps ?? []} among={people} />
    </>
  );
}

/** What keeps each figure from being there. */
const WITHOUT = {
  any: ['failed', 'abandoned'],
  t: ['store-and-forward', 'not-admitted', 'no-speed', 'one-direction'],
  c: ['no-cost', 'zero-cost', 'mixed-currencies'],
  d: ['no-arrival', 'no-media', 'no-answer'],
  reference: ['no-reference-cost'],
} as const;

function Figures({ quality }: { quality: Quality }): ReactElement {
  const { t } = useTranslation('workspace');
  const { c, mos } = quality;
  const why = (among: readonly string[]): string =>
    quality.not_computed
      .filter((reason) => among.includes(reason))
      .map((reason) => t([`quality.reason.${reason}`, reason]))
      .join(', ');
  const goodput = quality.goodput_up_mbps !== null && quality.goodput_down_mbps !== null;
  return (
    <dl className="figures">
      <Figure
        sign="T"
        name={t('quality.t')}
        value={quality.t && formatFigure(quality.t.value)}
        unit={quality.t?.unit}
        missing={why(WITHOUT.t)}
      >
        {quality.t && <Source figure={quality.t} />}
        <span>{t('quality.tSource')}</span>
      </Figure>
      <Figure
        sign="C"
        name={t('quality.c')}
        value={c && formatMoney({ amount: c.value, currency: c.unit })}
        missing={why(WITHOUT.c)}
      >
        {c && <Source figure={c} />}
      </Figure>
      <Figure
        sign="D"
        name={t('quality.d')}
        value={quality.d && formatFigure(quality.d.value)}
        unit={quality.d?.unit}
        missing={why(WITHOUT.d)}
      >
        <span>{t('quality.dSource')}</span>
      </Figure>
      <Figure
        sign="R"
        name={t('quality.r')}
        value={quality.r && formatFigure(quality.r.value)}
        unit={quality.r?.unit}
        missing={why([...WITHOUT.any, ...WITHOUT.t, ...WITHOUT.c, ...WITHOUT.d])}
        main
      >
        <span>R = T × C / D</span>
      </Figure>
      <Figure
        sign="R₀"
        name={t('quality.rRef')}
        value={quality.r_ref && formatFigure(quality.r_ref.value)}
        unit={quality.r_ref?.unit}
        missing={why([...WITHOUT.any, ...WITHOUT.t, ...WITHOUT.reference, ...WITHOUT.d])}
      >
        <span>T × C₀ / D</span>
      </Figure>
      <Figure name={t('quality.mos')} value={mos && formatFigure(mos.value)}>
        {mos && <span>{t('quality.mosWorst', { value: formatFigure(mos.worst) })}</span>}
      </Figure>
      <Figure
        name={t('quality.freeze')}
        value={quality.freeze_ratio === null ? null : formatNumber(quality.freeze_ratio * 100, 1)}
        unit="%"
      />
      <Figure
        name={t('quality.goodput')}
        small
        value={
          goodput
            ? t('quality.goodputValue', {
                up: formatFigure(quality.goodput_up_mbps ?? 0),
                down: formatFigure(quality.goodput_down_mbps ?? 0),
              })
            : null
        }
      />
    </dl>
  );
}

interface FigureProps {
  sign?: string;
  name: string;
  value: string | null | undefined;
  unit?: string | undefined;
  /** Why there is no value. */
  missing?: string;
  main?: boolean;
  small?: boolean;
  children?: React.ReactNode;
}

/** One figure. What is not known is said, and is never a zero. */
function Figure({ sign, name, value, unit, missing, main, small, children }: FigureProps): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <div className="figure" data-main={main || undefined}>
      <dt>
        {sign && <span className="figure-sign">{sign}</span>} {name}
      </dt>
      <dd>
        {value ? (
          <span className="figure-value numbers" data-small={small || undefined}>
            {value} {unit && <span className="figure-unit">{unit}</span>}
          </span>
        ) : (
          <span className="figure-none">
            {t('quality.notComputed')}
            {missing && `: ${missing}`}
          </span>
        )}
        <span className="figure-detail">{children}</span>
      </dd>
    </div>
  );
}

function Source({ figure }: { figure: { source?: string; windows?: number } }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <span>
      {figure.source && t('quality.source', { source: t([`quality.source_.${figure.source}`, figure.source]) })}
      {figure.windows !== undefined && ` · ${t('quality.windows', { count: figure.windows })}`}
    </span>
  );
}

function Course({ windows, among }: { windows: QualityWindow[]; among: readonly Measured[] }): ReactElement {
  const { t } = useTranslation('workspace');
  const [metric, setMetric] = useState<Metric>('speed');
  const [table, setTable] = useState(false);
  const people = among.filter((person) => windows.some((window) => window.participant === person.id));
  const [chosen, setPerson] = useState<string | null>(null);
  const person = chosen ?? people.find((one) => one.id === 'patient')?.id ?? windows[0]?.participant ?? '';
  const shown = windows.filter((window) => window.participant === person);
  return (
    <Card title={t('quality.series')} level={2}>
      {windows.length === 0 && <p className="soft">{t('quality.noWindows')}</p>}
      {windows.length > 0 && (
        <>
          <div className="form-pair">
            <Select
              label={t('quality.metric')}
              options={METRICS.map((id) => ({ id, label: t(`quality.col.${id}`) }))}
              value={metric}
              onChange={setMetric}
            />
            {people.length > 1 && (
              <Select
                label={t('quality.col.person')}
                options={people.map(({ id, name, hint }) => ({ id, label: name, ...(hint && { hint }) }))}
                value={person}
                onChange={setPerson}
              />
            )}
          </div>
          <Suspense fallback={<Loading />}>
            <QualityPlot
              windows={shown}
              metric={metric}
              label={t('quality.chartLabel', { metric: t(`quality.col.${metric}`), count: shown.length })}
            />
          </Suspense>
          <div>
            <Button kind="quiet" icon={table ? 'minus' : 'plus'} aria-expanded={table} onPress={() => setTable(!table)}>
              {table ? t('quality.hideTable') : t('quality.showTable')}
            </Button>
          </div>
          {table && <WindowTable windows={shown} />}
        </>
      )}
    </Card>
  );
}

function WindowTable({ windows }: { windows: QualityWindow[] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <DataTable
      caption={t('quality.seriesTable')}
      maxHeight={360}
      rows={windows}
      rowKey={(row) => row.from}
      columns={[
        {
          id: 'time',
          title: t('quality.col.time'),
          heads: true,
          cell: (row) => <span className="numbers">{formatTimeWithSeconds(row.from)}</span>,
        },
        ...METRICS.map((metric) => ({
          id: metric,
          title: t(`quality.col.${metric}`),
          figure: true,
          cell: (row: QualityWindow) => {
            const value = metricValue(row, metric);
            return value === null ? '–' : formatFigure(value);
          },
        })),
        {
          id: 'connected',
          title: t('quality.col.connected'),
          cell: (row) => (row.connected ? t('quality.yes') : t('quality.no')),
        },
      ]}
    />
  );
}
