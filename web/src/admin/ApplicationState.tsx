import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { patch, post } from '../api/client';
import type { Application, ApplicationAnswer } from '../api/messages';
import { Banner, Button, Dialog, ErrorText } from '../design';
import { CopyBox } from '../design/CopyBox';

interface Props {
  application: Application;
  onClose(): void;
}

/** Switches an application on or off. */
export function useSwitch(
  onDone: () => void,
): ReturnType<typeof useMutation<unknown, Error, { application: Application; active: boolean }>> {
  const queries = useQueryClient();
  return useMutation<unknown, Error, { application: Application; active: boolean }>({
    mutationFn: ({ application, active }) =>
      patch(`/admin/applications/${encodeURIComponent(application.id)}`, { active }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin', 'applications'] });
      onDone();
    },
  });
}

export function SwitchOff({ application, onClose }: Props): ReactElement {
  const { t } = useTranslation('applications');
  const off = useSwitch(onClose);
  return (
    <Dialog
      title={t('offTitle', { name: application.name })}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind="danger" isPending={off.isPending} onPress={() => off.mutate({ application, active: false })}>
            {t('off')}
          </Button>
        </>
      }
    >
      <p>{t('offBody')}</p>
      {off.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={off.error} />
        </Banner>
      )}
    </Dialog>
  );
}

export function NewSecret(props: Props & { onMade(application: Application, secret: string | null): void }): ReactElement {
  const { application, onClose, onMade } = props;
  const { t } = useTranslation('applications');
  const make = useMutation({
    mutationFn: () => post<ApplicationAnswer>(`/admin/applications/${encodeURIComponent(application.id)}/secret`),
    onSuccess: (answer) => onMade(answer.application, answer.client_secret ?? null),
  });
  return (
    <Dialog
      title={t('newSecretTitle', { name: application.name })}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind="primary" isPending={make.isPending} onPress={() => make.mutate()}>
            {t('newSecretDo')}
          </Button>
        </>
      }
    >
      <p>{t('newSecretBody')}</p>
      {make.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={make.error} />
        </Banner>
      )}
    </Dialog>
  );
}

/** What the maker of the application needs; the secret is shown here only. */
export function Handed({ application, secret, onClose }: Props & { secret: string | null }): ReactElement {
  const { t } = useTranslation('applications');
  const words = { copy: t('copy'), copied: t('copied'), failed: t('copyFailed') };
  return (
    <Dialog
      title={t('handedTitle', { name: application.name })}
      isOpen
      onClose={onClose}
      width={640}
      actions={
        <Button kind="primary" onPress={onClose}>
          {t('close')}
        </Button>
      }
    >
      <p>{t(secret ? 'handedSecret' : 'handedBody')}</p>
      <p className="field-label">{t('clientId')}</p>
      <CopyBox label={t('clientId')} text={application.id} {...words} />
      {secret && (
        <>
          <p className="field-label">{t('secret')}</p>
          <CopyBox label={t('secret')} text={secret} {...words} />
        </>
      )}
      <p className="field-label">{t('base')}</p>
      <CopyBox label={t('base')} text={`${location.origin}/fhir`} {...words} />
    </Dialog>
  );
}
