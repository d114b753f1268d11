import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, patch, post } from '../api/client';
import type { Organization, OrganizationKind } from '../api/messages';
import { Button, Empty, Failure, Icon, Loading, RadioGroup, TextField } from '../design';
import { DataTable } from '../design/DataTable';
import { EditDialog } from './EditDialog';

type Entries = Omit<Organization, 'id'>;

/** The institutions that share this server and may ask each other for opinions. */
export default function OrganizationsPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<{ organization: Organization | null } | null>(null);
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('organizations.heading')}</h2>
          <p className="soft">{t('organizations.explain')}</p>
        </div>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ organization: null })}>
          {t('organizations.add')}
        </Button>
      </div>
      {organizations.isPending && <Loading />}
      {organizations.isError && <Failure error={organizations.error} onRetry={() => void organizations.refetch()} />}
      {organizations.data?.length === 0 && <Empty icon="building" title={t('organizations.empty')} />}
      {organizations.data && organizations.data.length > 0 && (
        <DataTable
          caption={t('organizations.heading')}
          captionHidden
          rows={organizations.data}
          rowKey={(row) => row.id}
          stacks
          columns={[
            { id: 'name', title: t('organizations.name'), heads: true, cell: (row) => row.name },
            { id: 'kind', title: t('organizations.kind'), cell: (row) => <Kind kind={row.kind} /> },
            { id: 'city', title: t('organizations.city'), cell: (row) => row.city },
            {
              id: 'phone',
              title: t('organizations.phone'),
              cell: (row) => <span className="numbers">{row.phone || '–'}</span>,
            },
            {
              id: 'edit',
              title: t('edit'),
              titleHidden: true,
              cell: (row) => (
                <Button kind="quiet" icon="edit" iconOnly onPress={() => setOpen({ organization: row })}>
                  {t('organizations.editTitle', { name: row.name })}
                </Button>
              ),
            },
          ]}
        />
      )}
      {open && <OrganizationDialog organization={open.organization} onClose={() => setOpen(null)} />}
    </>
  );
}

function Kind({ kind }: { kind: OrganizationKind }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <span className="row" style={{ flexWrap: 'nowrap' }}>
      <Icon name={kind === 'hospital' ? 'hospital' : 'building'} size={18} />
      {t(`organizations.kind_.${kind}`)}
    </span>
  );
}

function OrganizationDialog({
  organization,
  onClose,
}: {
  organization: Organization | null;
  onClose(): void;
}): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [entries, setEntries] = useState<Entries>(organization ?? { name: '', city: '', phone: '', kind: 'clinic' });
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => send(organization, entries),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin'] });
      onClose();
    },
  });
  const missing = (['name', 'city'] as const).filter((field) => entries[field].trim() === '');
  const submit = (): void => {
    setTried(true);
    if (missing[0]) document.getElementById(`organization-${missing[0]}`)?.focus();
    else save.mutate();
  };
  const bind = (
    id: 'name' | 'city' | 'phone',
  ): { id: string; label: string; value: string; onChange(text: string): void; error: string | undefined } => ({
    id: `organization-${id}`,
    label: t(`organizations.${id}`),
    value: entries[id],
    onChange: (text) => setEntries((before) => ({ ...before, [id]: text })),
    error:
      tried && id !== 'phone' && missing.includes(id)
        ? t('error.required', { field: t(`organizations.${id}`) })
        : undefined,
  });
  return (
    <EditDialog
      title={organization ? t('organizations.editTitle', { name: organization.name }) : t('organizations.addTitle')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
    >
      <TextField {...bind('name')} />
      <div className="form-grid">
        <TextField {...bind('city')} />
        <TextField {...bind('phone')} type="tel" />
      </div>
      <RadioGroup
        label={t('organizations.kind')}
        columns={2}
        options={(['clinic', 'hospital'] as const).map((id) => ({ id, label: t(`organizations.kind_.${id}`) }))}
        value={entries.kind}
        onChange={(kind) => setEntries((before) => ({ ...before, kind }))}
      />
    </EditDialog>
  );
}

function send(organization: Organization | null, entries: Entries): Promise<unknown> {
  const body = {
    name: entries.name.trim(),
    city: entries.city.trim(),
    phone: (entries.phone ?? '').trim(),
    kind: entries.kind,
  };
  if (organization) return patch(`/admin/organizations/${encodeURIComponent(organization.id)}`, body);
  return post('/admin/organizations', body);
}
