import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../api/session';
import type { ControlPoint, QualityOverVisits, QualityPoint, Role } from '../api/messages';
import { Card, StatusPill } from '../design';
import { type Column, DataTable } from '../design/DataTable';
import { formatDayTime, formatFigure } from '../format';
import { useTypeNames } from './useTypeNames';

/** What lies behind a visit's figures, for those to whom something does. */
const BEHIND: Partial<Record<Role, string>> = { clinician: '/work/visits', supervisor: '/quality/visits' };

type Row = QualityPoint & { control: ControlPoint | null };

/** Every figure behind the charts, newest first. */
export function VisitTable({ data }: { data: QualityOverVisits }): ReactElement {
  const { t } = useTranslation('quality');
  const role = useSession().data?.session?.user.role;
  const control = new Map(data.chart?.points.map((point) => [point.visit_id, point]));
  const typeName = useTypeNames();
  const currency = /\.([A-Z]{3})\//.exec(data.chart?.unit ?? '')?.[1];
  const rows: Row[] = data.points
    .map((point) => ({ ...point, control: control.get(point.visit_id) ?? null }))
    .sort((a, b) => b.at.localeCompare(a.at));
  const figure = (id: string, title: string, value: (row: Row) => number | null | undefined): Column<Row> => ({
    id,
    title,
    figure: true,
    cell: (row) => {
      const known = value(row);
      return known === null || known === undefined ? '–' : formatFigure(known);
    },
  });
  const columns: Column<Row>[] = [
    {
      id: 'at',
      title: t('table.at'),
      heads: true,
      cell: (row) => {
        const behind = role && BEHIND[role];
        const when = formatDayTime(row.at);
        return behind ? (
          <Link className="numbers" to={`${behind}/${row.visit_id}`}>
            {when}
          </Link>
        ) : (
          <span className="numbers">{when}</span>
        );
      },
    },
    { id: 'type', title: t('table.type'), cell: (row) => typeName(row.visit_type) },
    figure('r', t('table.r'), (row) => row.r),
    figure('ref', t('table.rRef'), (row) => row.r_ref),
    figure('t', t('table.t'), (row) => row.t),
    figure('c', currency ? `${t('table.c')}, ${currency}` : t('table.c'), (row) => row.c),
    figure('d', t('table.d'), (row) => row.d),
    figure('mos', t('table.mos'), (row) => row.mos),
    figure('ln', t('table.lnR'), (row) => row.control?.value),
    figure('range', t('table.range'), (row) => row.control?.moving_range),
    { id: 'signals', title: t('table.signals'), cell: (row) => <Signals point={row.control} /> },
  ];
  return (
    <Card title={t('table.heading')}>
      <DataTable
        caption={t('table.caption')}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.visit_id}
        maxHeight={520}
      />
    </Card>
  );
}

function Signals({ point }: { point: ControlPoint | null }): ReactElement {
  const { t } = useTranslation('quality');
  if (!point || point.signals.length === 0) return <span className="soft">{t('signal.none')}</span>;
  return (
    <>
      {point.signals.map((signal) => (
        <StatusPill key={signal} tone={signal === 'beyond-limit' ? 'danger' : 'warn'}>
          {t(`signal.${signal}`)}
        </StatusPill>
      ))}
    </>
  );
}
