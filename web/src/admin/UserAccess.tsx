import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { SessionList } from '../account/SessionList';
import { del, get } from '../api/client';
import type { OpenSession, User } from '../api/messages';
import { Banner, Button, Dialog, ErrorText, Failure, Loading } from '../design';

interface Props {
  user: User;
  onClose(): void;
}

/** Where a user is signed in, and signing them out everywhere. */
export function UserSessions({ user, onClose }: Props): ReactElement {
  const { t } = useTranslation('admin');
  const path = `/admin/users/${encodeURIComponent(user.id)}/sessions`;
  const sessions = useQuery({
    queryKey: ['admin', 'sessions', user.id],
    queryFn: async () => (await get<{ sessions: OpenSession[] }>(path)).sessions,
    staleTime: 0,
  });
  const end = useMutation({ mutationFn: () => del(path), onSuccess: () => sessions.refetch() });
  return (
    <Dialog
      title={t('users.sessionsTitle', { name: user.name })}
      isOpen
      onClose={onClose}
      width={640}
      actions={
        <>
          <Button onPress={onClose}>{t('close')}</Button>
          {!!sessions.data?.length && (
            <Button kind="danger" isPending={end.isPending} onPress={() => end.mutate()}>
              {t('users.endSessions')}
            </Button>
          )}
        </>
      }
    >
      {sessions.isPending && <Loading />}
      {sessions.isError && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {end.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={end.error} />
        </Banner>
      )}
      {sessions.data?.length === 0 && <p role="status">{t('users.sessionsNone')}</p>}
      {!!sessions.data?.length && <SessionList sessions={sessions.data} />}
    </Dialog>
  );
}

/** Takes the second factors of a user away who has lost them. */
export function ResetSecondFactor({ user, onClose }: Props): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () => del(`/admin/users/${encodeURIComponent(user.id)}/second-factor`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin', 'users'] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t('users.resetTitle', { name: user.name })}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind="danger" isPending={reset.isPending} onPress={() => reset.mutate()}>
            {t('users.resetDo')}
          </Button>
        </>
      }
    >
      <p>{t('users.resetBody', { name: user.name })}</p>
      {reset.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={reset.error} />
        </Banner>
      )}
    </Dialog>
  );
}
