import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, del, post } from '../api/client';
import type { Factors, TotpOffer } from '../api/messages';
import { Banner, Button, Card, Dialog, ErrorText, StatusPill, TextField } from '../design';
import { formatDate } from '../format';
import { RecoveryCodes } from './RecoveryCodes';
import { useFactorsChanged } from './useFactors';

/** An authenticator app: set up with a drawing or a key, confirmed by a code, taken away. */
export function AuthenticatorCard({ factors }: { factors: Factors }): ReactElement {
  const { t } = useTranslation('account');
  const [offer, setOffer] = useState<TotpOffer | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState(false);
  const changed = useFactorsChanged();
  const begin = useMutation({ mutationFn: () => post<TotpOffer>('/session/totp'), onSuccess: setOffer });
  const confirmed = (answer: { recovery_codes: string[] | null }): void => {
    setOffer(null);
    setCodes(answer.recovery_codes);
    void changed();
  };
  const state = factors.totp ? <StatusPill tone="ok">{t('factor.on')}</StatusPill> : <StatusPill>{t('factor.off')}</StatusPill>;
  return (
    <Card title={t('totp.title')} aside={state}>
      <div className="account-form">
        <p className="soft">{t('totp.explain')}</p>
        {factors.totp && <p>{t('totp.since', { day: formatDate(factors.totp.added_at) })}</p>}
        {begin.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={begin.error} />
          </Banner>
        )}
        <div className="row">
          <Button icon="plus" isPending={begin.isPending} onPress={() => begin.mutate()}>
            {t(factors.totp ? 'totp.replace' : 'totp.add')}
          </Button>
          {factors.totp && (
            <Button icon="trash" kind="quiet" onPress={() => setRemoving(true)}>
              {t('totp.remove')}
            </Button>
          )}
        </div>
      </div>
      {offer && <Offered offer={offer} onConfirmed={confirmed} onClose={() => setOffer(null)} />}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
      {removing && <RemoveFactor path="/session/totp" title={t('totp.removeTitle')} onClose={() => setRemoving(false)} />}
    </Card>
  );
}

interface OfferedProps {
  offer: TotpOffer;
  onConfirmed(answer: { recovery_codes: string[] | null }): void;
  onClose(): void;
}

function Offered({ offer, onConfirmed, onClose }: OfferedProps): ReactElement {
  const { t } = useTranslation('account');
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const confirm = useMutation({
    mutationFn: () => post<{ recovery_codes: string[] | null }>('/session/totp/confirm', { code: code.trim() }),
    onSuccess: onConfirmed,
    onError: (error) => setFault(error instanceof ApiError && error.code === 'code.wrong' ? t('totp.wrong') : null),
  });
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (code.trim() === '') return setFault(t('second.needed'));
    setFault(null);
    confirm.mutate();
  };
  const { size, path } = offer.qr;
  return (
    <Dialog
      title={t('totp.add')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('factor.cancel')}</Button>
          <Button kind="primary" isPending={confirm.isPending} onPress={() => submit()}>
            {t('totp.confirm')}
          </Button>
        </>
      }
    >
      <p>{t('totp.scan')}</p>
      {/* A scanner wants dark on light in every theme, and four modules of quiet around. */}
      <svg className="qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={t('totp.drawing')} shapeRendering="crispEdges">
        <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <p>
        {t('totp.byHand')} <code className="totp-key">{offer.secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      {confirm.isError && !fault && (
        <Banner tone="danger" live="alert">
          <ErrorText error={confirm.error} />
        </Banner>
      )}
      <form onSubmit={submit} noValidate>
        <TextField
          label={t('second.code')}
          hint={t('totp.codeHint')}
          value={code}
          onChange={setCode}
          autoComplete="one-time-code"
          inputMode="numeric"
          error={fault}
          autoFocus
        />
      </form>
    </Dialog>
  );
}

/** Takes a factor away after asking. */
export function RemoveFactor({ path, title, onClose }: { path: string; title: string; onClose(): void }): ReactElement {
  const { t } = useTranslation('account');
  const changed = useFactorsChanged();
  const remove = useMutation({
    mutationFn: () => del(path),
    onSuccess: async () => {
      await changed();
      onClose();
    },
  });
  return (
    <Dialog
      title={title}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('factor.cancel')}</Button>
          <Button kind="danger" isPending={remove.isPending} onPress={() => remove.mutate()}>
            {t('factor.remove')}
          </Button>
        </>
      }
    >
      <p>{t('factor.removeBody')}</p>
      {remove.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={remove.error} />
        </Banner>
      )}
    </Dialog>
  );
}
