import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { del, get } from '../api/client';
import type { OpenSession } from '../api/messages';
import { Banner, Button, Card, ErrorText, Failure, Loading } from '../design';
import { SessionList } from './SessionList';

/** Where one is signed in; what one does not know is ended. */
export function SessionsCard(): ReactElement {
  const { t } = useTranslation('account');
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: async () => (await get<{ sessions: OpenSession[] }>('/sessions')).sessions,
  });
  const end = useMutation({
    mutationFn: (id: string | null) => del(id === null ? '/sessions' : `/sessions/${encodeURIComponent(id)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const others = sessions.data?.filter((session) => !session.this).length ?? 0;
  return (
    <Card title={t('sessions.title')}>
      <div className="account-form">
        <p className="soft">{t('sessions.explain')}</p>
        {sessions.isPending && <Loading />}
        {sessions.isError && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
        {end.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={end.error} />
          </Banner>
        )}
        {sessions.data && (
          <SessionList
            sessions={sessions.data}
            action={(session) => (
              <Button isPending={end.isPending && end.variables === session.id} onPress={() => end.mutate(session.id)}>
                {t('sessions.end')}
              </Button>
            )}
          />
        )}
        {others > 0 && (
          <div>
            <Button icon="sign-out" isPending={end.isPending && end.variables === null} onPress={() => end.mutate(null)}>
              {t('sessions.endOthers')}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}
