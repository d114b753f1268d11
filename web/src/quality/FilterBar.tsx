import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import { useSession } from '../api/session';
import type { PractitionerEntry, Ref, Role, Schedule } from '../api/messages';
import { Button, Select, TextField } from '../design';
import { localDay, shiftDay } from '../format';

export interface Filter {
  /** First and last day, `YYYY-MM-DD`. */
  from: string;
  to: string;
  /** Empty for all. */
  practitioner: string;
}

export function FilterBar({ filter, onChange }: { filter: Filter; onChange(filter: Filter): void }): ReactElement {
  const { t } = useTranslation('quality');
  const [draft, setDraft] = useState(filter);
  const practitioners = usePractitioners();
  const bad = draft.from === '' || draft.to === '' || draft.from > draft.to;
  const change = (part: Partial<Filter>): void => {
    const next = { ...draft, ...part };
    setDraft(next);
    if (next.from !== '' && next.to !== '' && next.from <= next.to) onChange(next);
  };
  const last = (days: number): void => change({ from: shiftDay(localDay(), 1 - days), to: localDay() });
  return (
    <search className="filter-bar" aria-label={t('filter.label')}>
      <TextField
        label={t('filter.from')}
        type="date"
        value={draft.from}
        onChange={(from) => change({ from })}
        error={bad ? t('filter.bad') : undefined}
      />
      <TextField label={t('filter.to')} type="date" value={draft.to} onChange={(to) => change({ to })} />
      <Select
        label={t('filter.practitioner')}
        options={[
          { id: 'all', label: t('filter.all') },
          ...(practitioners.data ?? []).map(({ id, name }) => ({ id, label: name })),
        ]}
        value={draft.practitioner || 'all'}
        onChange={(id) => change({ practitioner: id === 'all' ? '' : id })}
      />
      <div className="row">
        <Button kind="quiet" onPress={() => last(30)}>
          {t('filter.last30')}
        </Button>
        <Button kind="quiet" onPress={() => last(90)}>
          {t('filter.last90')}
        </Button>
      </div>
    </search>
  );
}

/** An administrator reads no directory of one institution's clinicians but knows all schedules. */
export function usePractitioners(): ReturnType<typeof useQuery<Ref[]>> {
  const role = useSession().data?.session?.user.role;
  return useQuery({
    queryKey: ['practitioners', role],
    queryFn: () => namesFor(role as Role),
    enabled: role !== undefined,
  });
}

async function namesFor(role: Role): Promise<Ref[]> {
  if (role !== 'administrator') return (await get<{ practitioners: PractitionerEntry[] }>('/practitioners')).practitioners;
  const { schedules } = await get<{ schedules: Schedule[] }>('/admin/schedules');
  return schedules.map((schedule) => schedule.practitioner);
}
