import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { del, get } from '../api/client';
import type { Application, ApplicationGrant } from '../api/messages';
import { Banner, Button, Dialog, ErrorText, Failure, Loading, StatusPill } from '../design';
import { type Column, DataTable } from '../design/DataTable';
import { formatDayTime } from '../format';

/** What users let an application do, and taking it back. */
export function ApplicationGrants(props: { application: Application; onClose(): void }): ReactElement {
  const { application, onClose } = props;
  const { t } = useTranslation('applications');
  const path = `/admin/applications/${encodeURIComponent(application.id)}/grants`;
  const grants = useQuery({
    queryKey: ['admin', 'grants', application.id],
    queryFn: async () => (await get<{ grants: ApplicationGrant[] }>(path)).grants,
    staleTime: 0,
  });
  const end = useMutation({
    mutationFn: (grant: ApplicationGrant) => del(`${path}/${encodeURIComponent(grant.id)}`),
    onSuccess: () => grants.refetch(),
  });
  return (
    <Dialog
      title={t('grants.title', { name: application.name })}
      isOpen
      onClose={onClose}
      width={860}
      actions={<Button onPress={onClose}>{t('close')}</Button>}
    >
      {grants.isPending && <Loading />}
      {grants.isError && <Failure error={grants.error} onRetry={() => void grants.refetch()} />}
      {end.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={end.error} />
        </Banner>
      )}
      {grants.data?.length === 0 && <p role="status">{t('grants.empty')}</p>}
      {!!grants.data?.length && (
        <GrantTable grants={grants.data} isPending={end.isPending} onEnd={(grant) => end.mutate(grant)} />
      )}
    </Dialog>
  );
}

interface TableProps {
  grants: ApplicationGrant[];
  isPending: boolean;
  onEnd(grant: ApplicationGrant): void;
}

function GrantTable({ grants, isPending, onEnd }: TableProps): ReactElement {
  const { t } = useTranslation('applications');
  const columns: Column<ApplicationGrant>[] = [
    { id: 'user', title: t('grants.user'), heads: true, cell: (grant) => grant.user ?? '–' },
    {
      id: 'lasts',
      title: t('grants.lasts'),
      cell: (grant) => (
        <StatusPill tone={grant.offline ? 'warn' : 'neutral'}>
          {t(grant.offline ? 'grants.offline' : 'grants.online')}
        </StatusPill>
      ),
    },
    { id: 'since', title: t('grants.since'), cell: (grant) => <span className="numbers">{formatDayTime(grant.created_at)}</span> },
    { id: 'used', title: t('grants.used'), cell: (grant) => <span className="numbers">{formatDayTime(grant.used_at)}</span> },
    {
      id: 'end',
      title: t('actions'),
      titleHidden: true,
      cell: (grant) => (
        <Button kind="danger" isDisabled={isPending} onPress={() => onEnd(grant)}>
          {t('grants.end')}
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      caption={t('grants.count', { count: grants.length })}
      columns={columns}
      rows={grants}
      rowKey={(grant) => grant.id}
      stacks
    />
  );
}
