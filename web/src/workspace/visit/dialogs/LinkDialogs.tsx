import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../../api/client';
import type { JoinState } from '../../../api/messages';
import { Banner, Button, Dialog, ErrorText, Facts, Loading } from '../../../design';
import { formatDayTime } from '../../../format';
import { JoinLink } from '../../booking/JoinLink';

export interface LinkDialogProps {
  visitId: string;
  join: JoinState | null | undefined;
  onClose(): void;
}

/** The patient's link. It is kept nowhere, so sending it again means making a new one. */
export function LinkDialog({ visitId, join, onClose }: LinkDialogProps): ReactElement {
  const { t } = useTranslation('workspace');
  const make = useMutation({
    mutationFn: () => post<{ join_url: string }>(`/visits/${encodeURIComponent(visitId)}/link`),
  });
  return (
    <Dialog
      title={t('link.title')}
      isOpen
      onClose={onClose}
      width={620}
      actions={<Button onPress={onClose}>{t('do.close')}</Button>}
    >
      {join && !make.data && (
        <Facts
          items={[
            [t('link.state'), join.state === 'bound' ? t('link.bound') : t('link.unused')],
            [t('link.validity'), t('link.expires', { when: formatDayTime(join.expires_at) })],
            [t('link.tries'), t('link.attempts', { count: join.attempts_left })],
          ]}
        />
      )}
      {make.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={make.error} />
        </Banner>
      )}
      {make.data ? (
        <JoinLink url={make.data.join_url} />
      ) : (
        <>
          <p>{t('link.getExplain')}</p>
          <div>
            <Button kind="primary" icon="link" isPending={make.isPending} onPress={() => make.mutate()}>
              {t('link.renew')}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Lets one more browser in: a code to read to the patient. */
export function LetInDialog({ visitId, onClose }: { visitId: string; onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { mutate, ...letIn } = useMutation({
    mutationFn: () => post<{ code: string }>(`/visits/${encodeURIComponent(visitId)}/let-in`),
  });
  useEffect(() => mutate(), [mutate]);
  return (
    <Dialog
      title={t('letIn.title')}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{t('do.done')}</Button>}
    >
      <p>{t('letIn.explain')}</p>
      {letIn.isPending && <Loading />}
      {letIn.isError && (
        <Banner
          tone="danger"
          live="alert"
          actions={
            <Button icon="refresh" onPress={() => mutate()}>
              {t('do.retry')}
            </Button>
          }
        >
          <ErrorText error={letIn.error} />
        </Banner>
      )}
      {letIn.data && (
        <p className="code numbers" role="status">
          <span className="hidden-text">{t('letIn.code')} </span>
          {letIn.data.code}
        </p>
      )}
    </Dialog>
  );
}
