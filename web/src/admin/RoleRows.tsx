import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { Organization, RoleRow } from '../api/messages';
import { Button, Select, TextField } from '../design';
import { ROLES } from './roles';

/** Which group at the provider gives which role here; the first row that fits decides. */
export function RoleRows({ rows, onChange, tried }: { rows: RoleRow[]; onChange(rows: RoleRow[]): void; tried: boolean }): ReactElement {
  const { t } = useTranslation('admin');
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
  });
  const set = (at: number, part: Partial<RoleRow>): void =>
    onChange(rows.map((row, index) => (index === at ? { ...row, ...part } : row)));
  const needed = (label: string, empty: boolean): string | undefined =>
    tried && empty ? t('error.required', { field: label }) : undefined;
  return (
    <fieldset className="role-rows">
      <legend className="field-label">{t('providers.rows')}</legend>
      <p className="field-hint">{t('providers.hint.rows')}</p>
      {rows.map((row, at) => (
        // Rows have no name of their own, and only the last is ever added.
        <div className="form-grid role-row" key={at} role="group" aria-label={t('providers.row', { number: at + 1 })}>
          <TextField
            label={t('providers.value')}
            value={row.value}
            onChange={(value) => set(at, { value })}
            autoComplete="off"
            spellCheck="false"
            error={needed(t('providers.value'), row.value.trim() === '')}
          />
          <Select
            label={t('users.role')}
            options={ROLES.map((id) => ({ id, label: t(`users.role_.${id}`) }))}
            value={row.role}
            onChange={(role) => set(at, { role })}
          />
          <Select
            label={t('users.organization')}
            options={(organizations.data ?? []).map(({ id, name }) => ({ id, label: name }))}
            value={row.organization_id || null}
            onChange={(organization_id) => set(at, { organization_id })}
            error={needed(t('users.organization'), row.organization_id === '')}
          />
          <Button kind="quiet" icon="close" onPress={() => onChange(rows.filter((_, index) => index !== at))}>
            {t('providers.removeRow', { number: at + 1 })}
          </Button>
        </div>
      ))}
      <div>
        <Button
          icon="plus"
          onPress={() => onChange([...rows, { value: '', role: 'clinician', organization_id: organizations.data?.[0]?.id ?? '' }])}
        >
          {t('providers.addRow')}
        </Button>
      </div>
    </fieldset>
  );
}
