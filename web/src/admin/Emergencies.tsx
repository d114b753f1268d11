import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import { useSession } from '../api/session';
import type { EmergencyAccess, Organization } from '../api/messages';
import { Empty, Failure, Loading, StatusPill } from '../design';
import { type Column, DataTable } from '../design/DataTable';
import { formatDayTime, formatTime } from '../format';

/** Records that were opened in an emergency: who, when and why, for supervision. */
export function Emergencies(): ReactElement {
  const { t } = useTranslation('admin');
  const columns = useColumns();
  const emergencies = useQuery({
    queryKey: ['admin', 'emergencies'],
    queryFn: async () => (await get<{ emergencies: EmergencyAccess[] }>('/admin/emergencies')).emergencies,
  });
  return (
    <>
      {emergencies.isPending && <Loading />}
      {emergencies.isError && <Failure error={emergencies.error} onRetry={() => void emergencies.refetch()} />}
      {emergencies.data?.length === 0 && <Empty icon="check-circle" title={t('emergencies.empty')} />}
      {emergencies.data && emergencies.data.length > 0 && (
        <DataTable
          caption={t('emergencies.heading')}
          captionHidden
          rows={emergencies.data}
          rowKey={(row) => row.id}
          stacks
          columns={columns}
        />
      )}
    </>
  );
}

function useColumns(): Column<EmergencyAccess>[] {
  const { t } = useTranslation('admin');
  const nameOf = useInstitutionNames();
  return [
    { id: 'who', title: t('emergencies.who'), heads: true, cell: (row) => row.name },
    { id: 'at', title: t('emergencies.at'), cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    { id: 'organization', title: t('emergencies.organization'), cell: (row) => nameOf(row.organization_id) },
    { id: 'until', title: t('emergencies.until'), cell: (row) => <Until until={row.until} /> },
    { id: 'reason', title: t('emergencies.reason'), cell: (row) => row.reason },
    { id: 'patient', title: t('emergencies.patient'), cell: (row) => <code className="small">{row.patient_id}</code> },
  ];
}

/** A supervisor sees one institution, their own. One without its name is still told by its id. */
function useInstitutionNames(): (id: string) => string {
  const user = useSession().data?.session?.user;
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
    enabled: user?.role === 'administrator',
  });
  const known = [...(organizations.data ?? []), ...(user?.organization ? [user.organization] : [])];
  return (id) => known.find((one) => one.id === id)?.name ?? id;
}

function Until({ until }: { until: string }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <span className="numbers">
      {formatTime(until)} {Date.parse(until) > Date.now() && <StatusPill tone="warn">{t('emergencies.open')}</StatusPill>}
    </span>
  );
}
