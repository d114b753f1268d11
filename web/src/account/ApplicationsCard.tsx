import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { del, get } from '../api/client';
import type { OwnGrant } from '../api/messages';
import { AskedList } from '../applications/AskedList';
import { Banner, Button, Card, ErrorText, Failure, Icon, Loading } from '../design';
import { formatDayTime } from '../format';
import './account.css';

const KEY = ['session', 'applications'] as const;

/** What one let applications do, and taking it back. */
export function ApplicationsCard(): ReactElement {
  const { t } = useTranslation('applications');
  const queries = useQueryClient();
  const grants = useQuery({
    queryKey: KEY,
    queryFn: async () => (await get<{ grants: OwnGrant[] }>('/session/applications')).grants,
  });
  const end = useMutation({
    mutationFn: (id: string) => del(`/session/applications/${encodeURIComponent(id)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  return (
    <Card title={t('own.title')}>
      <div className="account-form">
        <p className="soft">{t('own.explain')}</p>
        {grants.isPending && <Loading />}
        {grants.isError && <Failure error={grants.error} onRetry={() => void grants.refetch()} />}
        {end.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={end.error} />
          </Banner>
        )}
        {end.isSuccess && <p role="status">{t('own.ended')}</p>}
        {grants.data?.length === 0 && <p>{t('own.empty')}</p>}
        {!!grants.data?.length && (
          <ul className="account-list" aria-label={t('own.title')}>
            {grants.data.map((grant) => (
              <li key={grant.id} className="account-grant">
                <Icon name="external" />
                <div className="account-list-text">
                  <strong>{grant.application.name}</strong>
                  <span className="small soft numbers">
                    {t('own.since', { when: formatDayTime(grant.created_at) })}
                    {' · '}
                    {t('own.used', { when: formatDayTime(grant.used_at) })}
                    {grant.offline && ` · ${t('own.until', { when: formatDayTime(grant.until) })}`}
                  </span>
                  <AskedList asked={grant} />
                </div>
                <Button
                  aria-label={t('own.endOne', { name: grant.application.name })}
                  isPending={end.isPending && end.variables === grant.id}
                  onPress={() => end.mutate(grant.id)}
                >
                  {t('grants.end')}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
