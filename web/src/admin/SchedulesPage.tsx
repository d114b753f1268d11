import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { Schedule } from '../api/messages';
import { Button, Empty, Failure, Loading, StatusPill } from '../design';
import { DataTable } from '../design/DataTable';
import { ScheduleDialog } from './ScheduleDialog';
import { DAYS, slotsPerWeek } from './weeklyHours';

/** When each clinician can be booked. */
export default function SchedulesPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<Schedule | null>(null);
  const schedules = useQuery({
    queryKey: ['admin', 'schedules'],
    queryFn: async () => (await get<{ schedules: Schedule[] }>('/admin/schedules')).schedules,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('schedules.heading')}</h2>
          <p className="soft">{t('schedules.explain')}</p>
        </div>
      </div>
      {schedules.isPending && <Loading />}
      {schedules.isError && <Failure error={schedules.error} onRetry={() => void schedules.refetch()} />}
      {schedules.data?.length === 0 && <Empty icon="calendar" title={t('schedules.empty')} />}
      {schedules.data && schedules.data.length > 0 && (
        <DataTable
          caption={t('schedules.heading')}
          captionHidden
          rows={schedules.data}
          rowKey={(row) => row.practitioner.id}
          stacks
          columns={[
            {
              id: 'practitioner',
              title: t('schedules.practitioner'),
              heads: true,
              cell: (row) => (
                <>
                  {row.practitioner.name}
                  <div className="small soft">{row.organization.name}</div>
                </>
              ),
            },
            { id: 'hours', title: t('schedules.hours'), cell: (row) => <Week schedule={row} /> },
            {
              id: 'minutes',
              title: t('schedules.minutes'),
              cell: (row) => (
                <>
                  <span className="numbers">{t('schedules.slotValue', { minutes: row.slot_minutes })}</span>
                  <div className="small soft">
                    {t('schedules.perWeek', { count: slotsPerWeek(row.weekly, row.slot_minutes) })}
                  </div>
                </>
              ),
            },
            { id: 'zone', title: t('schedules.zone'), cell: (row) => row.zone },
            {
              id: 'active',
              title: t('users.state'),
              cell: (row) =>
                row.active ? (
                  <StatusPill tone="ok">{t('schedules.active')}</StatusPill>
                ) : (
                  <StatusPill icon="lock">{t('schedules.closed')}</StatusPill>
                ),
            },
            {
              id: 'edit',
              title: t('edit'),
              titleHidden: true,
              cell: (row) => (
                <Button kind="quiet" icon="edit" iconOnly onPress={() => setOpen(row)}>
                  {t('schedules.edit', { name: row.practitioner.name })}
                </Button>
              ),
            },
          ]}
        />
      )}
      {open && <ScheduleDialog schedule={open} onClose={() => setOpen(null)} />}
    </>
  );
}

/** The week in a few lines: days with the same hours stand together. */
function Week({ schedule }: { schedule: Schedule }): ReactElement {
  const { t } = useTranslation('admin');
  const spansOf = (day: number): string =>
    schedule.weekly
      .filter((span) => span.day === day)
      .map((span) => `${span.from}–${span.to}`)
      .sort()
      .join(', ');
  const lines: { from: number; to: number; spans: string }[] = [];
  for (const day of DAYS) {
    const spans = spansOf(day);
    const last = lines.at(-1);
    if (spans === '') continue;
    if (last?.spans === spans && last.to === day - 1) last.to = day;
    else lines.push({ from: day, to: day, spans });
  }
  if (lines.length === 0) return <span className="soft">{t('schedules.none')}</span>;
  return (
    <dl className="week">
      {lines.map((line) => (
        <div key={line.from} style={{ display: 'contents' }}>
          <dt>
            {t(`schedules.short.${line.from}`)}
            {line.to > line.from && `–${t(`schedules.short.${line.to}`)}`}
          </dt>
          <dd>{line.spans}</dd>
        </div>
      ))}
    </dl>
  );
}
