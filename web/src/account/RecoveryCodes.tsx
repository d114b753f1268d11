import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import type { Factors } from '../api/messages';
import { Banner, Button, Card, Dialog, ErrorText } from '../design';
import { useFactorsChanged } from './useFactors';

/** How many recovery codes are left, and a new set. */
export function RecoveryCodesCard({ factors }: { factors: Factors }): ReactElement {
  const { t } = useTranslation('account');
  const [codes, setCodes] = useState<string[] | null>(null);
  const changed = useFactorsChanged();
  const renew = useMutation({
    mutationFn: () => post<{ recovery_codes: string[] }>('/session/recovery-codes'),
    onSuccess: (answer) => setCodes(answer.recovery_codes),
  });
  return (
    <Card title={t('recovery.title')}>
      <div className="account-form">
        <p className="soft">{t('recovery.explain')}</p>
        {factors.recovery_codes < 3 && <Banner tone="warn">{t('recovery.few')}</Banner>}
        <p>{t('recovery.left', { count: factors.recovery_codes })}</p>
        {renew.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={renew.error} />
          </Banner>
        )}
        <div>
          <Button icon="refresh" isPending={renew.isPending} onPress={() => renew.mutate()}>
            {t('recovery.renew')}
          </Button>
        </div>
      </div>
      {codes && <RecoveryCodes codes={codes} onClose={() => (setCodes(null), void changed())} />}
    </Card>
  );
}

/** Recovery codes, shown once. */
export function RecoveryCodes({ codes, onClose }: { codes: string[]; onClose(): void }): ReactElement {
  const { t } = useTranslation('account');
  const [said, setSaid] = useState('');
  const copy = (): void => {
    navigator.clipboard.writeText(codes.join('\n')).then(
      () => setSaid(t('recovery.copied')),
      () => setSaid(t('recovery.copyFailed')),
    );
  };
  return (
    <Dialog
      title={t('recovery.shown')}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button icon="copy" onPress={copy}>
            {t('recovery.copy')}
          </Button>
          <Button kind="primary" onPress={onClose}>
            {t('recovery.kept')}
          </Button>
        </>
      }
    >
      <p>{t('recovery.once')}</p>
      <ol className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p className="small soft" role="status">
        {said}
      </p>
    </Dialog>
  );
}
