import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { patch, post } from '../api/client';
import type { Factors, PasskeyEntry } from '../api/messages';
import { Banner, Button, Card, Dialog, ErrorText, Icon, TextField } from '../design';
import { formatDate } from '../format';
import { RemoveFactor } from './AuthenticatorCard';
import { type Answered, makePasskey, passkeysWork } from './passkeys';
import { RecoveryCodes } from './RecoveryCodes';
import { useFactorsChanged } from './useFactors';

type Open = { what: 'name'; made: Answered } | { what: 'rename' | 'remove'; passkey: PasskeyEntry } | { what: 'codes'; codes: string[] };

/** The passkeys of the signed-in person: made, named, taken away. */
export function PasskeysCard({ factors }: { factors: Factors }): ReactElement {
  const { t } = useTranslation('account');
  const [open, setOpen] = useState<Open | null>(null);
  const works = passkeysWork(factors.passkey_address);
  const make = useMutation({ mutationFn: makePasskey, onSuccess: (made) => setOpen({ what: 'name', made }) });
  return (
    <Card title={t('passkey.title')}>
      <div className="account-form">
        <p className="soft">{t('passkey.explain')}</p>
        {!works && (
          <Banner>
            {factors.passkey_address && factors.passkey_address !== location.origin
              ? t('passkey.elsewhere', { address: factors.passkey_address })
              : t('passkey.unavailable')}
          </Banner>
        )}
        {make.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={make.error} />
          </Banner>
        )}
        {factors.passkeys.length > 0 && (
          <ul className="account-list" aria-label={t('passkey.title')}>
            {factors.passkeys.map((passkey) => (
              <Entry key={passkey.id} passkey={passkey} onOpen={setOpen} />
            ))}
          </ul>
        )}
        {works && (
          <div>
            <Button icon="plus" isPending={make.isPending} onPress={() => make.mutate()}>
              {t('passkey.add')}
            </Button>
          </div>
        )}
      </div>
      <Dialogs open={open} onOpen={setOpen} />
    </Card>
  );
}

function Entry({ passkey, onOpen }: { passkey: PasskeyEntry; onOpen(open: Open): void }): ReactElement {
  const { t } = useTranslation('account');
  return (
    <li>
      <Icon name="key" />
      <div className="account-list-text">
        <strong>{passkey.name}</strong>
        <span className="small soft numbers">
          {t('passkey.added', { day: formatDate(passkey.added_at) })}
          {' · '}
          {passkey.used_at ? t('passkey.used', { day: formatDate(passkey.used_at) }) : t('passkey.unused')}
        </span>
      </div>
      <Button kind="quiet" icon="edit" iconOnly onPress={() => onOpen({ what: 'rename', passkey })}>
        {t('passkey.renameOne', { name: passkey.name })}
      </Button>
      <Button kind="quiet" icon="trash" iconOnly onPress={() => onOpen({ what: 'remove', passkey })}>
        {t('passkey.removeOne', { name: passkey.name })}
      </Button>
    </li>
  );
}

function Dialogs({ open, onOpen }: { open: Open | null; onOpen(open: Open | null): void }): ReactElement | null {
  const { t } = useTranslation('account');
  const changed = useFactorsChanged();
  const close = (): void => onOpen(null);
  if (open?.what === 'codes') return <RecoveryCodes codes={open.codes} onClose={close} />;
  if (open?.what === 'remove') {
    const path = `/session/passkeys/${encodeURIComponent(open.passkey.id)}`;
    return <RemoveFactor path={path} title={t('passkey.removeOne', { name: open.passkey.name })} onClose={close} />;
  }
  if (!open) return null;
  const save = async (name: string): Promise<void> => {
    if (open.what === 'name') {
      const answer = await post<{ recovery_codes: string[] | null }>('/session/passkeys', { ...open.made, name });
      onOpen(answer.recovery_codes ? { what: 'codes', codes: answer.recovery_codes } : null);
    } else {
      await patch(`/session/passkeys/${encodeURIComponent(open.passkey.id)}`, { name });
      onOpen(null);
    }
    await changed();
  };
  return <Name first={open.what === 'name' ? t('passkey.first') : open.passkey.name} onSave={save} onClose={close} />;
}

function Name({ first, onSave, onClose }: { first: string; onSave(name: string): Promise<void>; onClose(): void }): ReactElement {
  const { t } = useTranslation('account');
  const [name, setName] = useState(first);
  const [tried, setTried] = useState(false);
  const save = useMutation({ mutationFn: () => onSave(name.trim()) });
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    setTried(true);
    if (name.trim() !== '') save.mutate();
  };
  return (
    <Dialog
      title={t('passkey.nameTitle')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('factor.cancel')}</Button>
          <Button kind="primary" isPending={save.isPending} onPress={() => submit()}>
            {t('passkey.save')}
          </Button>
        </>
      }
    >
      {save.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={save.error} />
        </Banner>
      )}
      <form onSubmit={submit} noValidate>
        <TextField
          label={t('passkey.name')}
          hint={t('passkey.nameHint')}
          value={name}
          onChange={setName}
          maxLength={60}
          autoComplete="off"
          error={tried && name.trim() === '' ? t('passkey.nameNeeded') : undefined}
          autoFocus
        />
      </form>
    </Dialog>
  );
}
