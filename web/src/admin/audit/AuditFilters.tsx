import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { User } from '../../api/messages';
import { Button, Checkbox, Select, TextField } from '../../design';
import { IdentifyPatient } from '../retention/IdentifyPatient';
import { ACTIONS, AREAS, type Filter, NO_FILTER, isFiltered } from './audit';

interface AuditFiltersProps {
  filter: Filter;
  onChange(filter: Filter): void;
}

/** By what the list is narrowed; each choice takes effect at once. */
export function AuditFilters({ filter, onChange }: AuditFiltersProps): ReactElement {
  const { t } = useTranslation('admin');
  const [identifying, setIdentifying] = useState(false);
  const people = usePeople();
  const change = (part: Partial<Filter>): void => onChange({ ...filter, ...part });
  const reversed = filter.from !== '' && filter.to !== '' && filter.from > filter.to;
  const areas = AREAS.map((id) => ({ id: id as string, label: t(`audit.area.${id}`) })).sort((a, b) => a.label.localeCompare(b.label));
  return (
    <search className="audit-filters" aria-label={t('audit.filters')}>
      <TextField label={t('audit.from')} type="date" value={filter.from} onChange={(from) => change({ from })} error={reversed ? t('audit.reversed') : undefined} />
      <TextField label={t('audit.to')} type="date" value={filter.to} onChange={(to) => change({ to })} />
      <Choice name="who" all={t('audit.everybody')} options={people} value={filter.who} onChange={(who) => change({ who })} />
      <Choice name="what" all={t('audit.everything')} options={areas} value={filter.area} onChange={(area) => change({ area })} />
      <Choice
        name="action"
        all={t('audit.everyAction')}
        options={ACTIONS.map((id) => ({ id, label: t(`audit.action_.${id}`) }))}
        value={filter.action}
        onChange={(action) => change({ action: action as Filter['action'] })}
      />
      <Choice
        name="outcome"
        all={t('audit.everyOutcome')}
        options={(['done', 'refused'] as const).map((id) => ({ id, label: t(`audit.outcome_.${id}`) }))}
        value={filter.outcome}
        onChange={(outcome) => change({ outcome: outcome as Filter['outcome'] })}
      />
      <div className="row audit-filters-end">
        <Checkbox plain isSelected={filter.emergency} onChange={(emergency) => change({ emergency })}>
          {t('audit.emergencyOnly')}
        </Checkbox>
        {filter.patient ? (
          <Button kind="quiet" icon="close" onPress={() => change({ patient: '' })}>
            {t('audit.notOnly', { id: filter.patient })}
          </Button>
        ) : (
          <Button kind="quiet" icon="user" onPress={() => setIdentifying(true)}>
            {t('audit.onePatient')}
          </Button>
        )}
        {isFiltered(filter) && (
          <Button kind="quiet" icon="refresh" onPress={() => onChange(NO_FILTER)}>
            {t('audit.clear')}
          </Button>
        )}
      </div>
      {identifying && (
        <IdentifyPatient
          title={t('audit.onePatient')}
          onClose={() => setIdentifying(false)}
          onFound={({ id }) => {
            setIdentifying(false);
            change({ patient: id });
          }}
        />
      )}
    </search>
  );
}

interface ChoiceProps {
  name: string;
  all: string;
  options: readonly { id: string; label: string }[];
  value: string;
  onChange(value: string): void;
}

function Choice({ name, all, options, value, onChange }: ChoiceProps): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <Select
      label={t(`audit.${name}`)}
      options={[{ id: 'all', label: all }, ...options]}
      value={value || 'all'}
      onChange={(id) => onChange(id === 'all' ? '' : id)}
    />
  );
}

/** Whoever has an account, as rows name them, and those who have none. */
function usePeople(): { id: string; label: string }[] {
  const { t } = useTranslation('admin');
  const users = useQuery({
    queryKey: ['admin', 'users'],
    queryFn: async () => (await get<{ users: User[] }>('/admin/users')).users,
  });
  const accounts = (users.data ?? []).map(({ id, name, practitioner_id }) => ({
    id: practitioner_id ? `Practitioner/${practitioner_id}` : `User/${id}`,
    label: name,
  }));
  return [
    ...accounts.sort((a, b) => a.label.localeCompare(b.label)),
    { id: 'Device/bianque', label: t('audit.kind.server') },
    { id: 'anonymous', label: t('audit.kind.nobody') },
  ];
}
