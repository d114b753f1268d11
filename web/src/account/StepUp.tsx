import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { Banner, Button, Dialog, ErrorText, Loading, TextField } from '../design';
import { DemoPassword } from './DemoPassword';
import { passkeysWork } from './passkeys';
import { ProviderProof } from './ProviderProof';
import { type ProvedBy, proofBy } from './SignatureProof';
import { useFactors } from './useFactors';
import './account.css';

/** Asks the person at the desk to prove again who they are, before what a found desk must not do. */
export default function StepUp({ onDone }: { onDone(proved: boolean): void }): ReactElement {
  const { t } = useTranslation('account');
  const factors = useFactors();
  const [way, setWay] = useState<'password' | 'code'>('password');
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const prove = useMutation({
    mutationFn: async (by: 'typed' | ProvedBy) => post<void>('/session/proof', by === 'typed' ? { [way]: typed } : await proofBy(by)),
    onSuccess: () => onDone(true),
    onError: () => setTyped(''),
  });
  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    setTried(true);
    if (typed !== '') prove.mutate('typed');
  };
  const change = (): void => {
    setWay(way === 'code' ? 'password' : 'code');
    setTyped('');
    setTried(false);
    prove.reset();
  };
  const passkey = !!factors.data?.passkeys.length && passkeysWork(factors.data.passkey_address);
  return (
    <Dialog
      title={t('stepUp.title')}
      isOpen
      onClose={() => onDone(false)}
      actions={
        <>
          <Button onPress={() => onDone(false)}>{t('stepUp.cancel')}</Button>
          <Button kind="primary" isPending={prove.isPending} onPress={() => submit()}>
            {t('stepUp.submit')}
          </Button>
        </>
      }
    >
      <p>{t('stepUp.explain')}</p>
      {factors.isPending && <Loading />}
      {prove.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={prove.error} />
        </Banner>
      )}
      {passkey && (
        <Button icon="key" onPress={() => prove.mutate('passkey')}>
          {t('passkey.use')}
        </Button>
      )}
      <ProviderProof isPending={prove.isPending && prove.variables === 'provider'} onPress={() => prove.mutate('provider')} />
      {factors.data?.password !== false && (
      <form onSubmit={submit} noValidate>
        <TextField
          key={way}
          label={t(way === 'code' ? 'second.code' : 'signIn.password')}
          type={way === 'code' ? 'text' : 'password'}
          inputMode={way === 'code' ? 'numeric' : 'text'}
          value={typed}
          onChange={setTyped}
          autoComplete={way === 'code' ? 'one-time-code' : 'current-password'}
          error={tried && typed === '' && !prove.isError ? t(way === 'code' ? 'second.needed' : 'signIn.passwordNeeded') : undefined}
          autoFocus
        />
      </form>
      )}
      {factors.data?.totp && (
        <Button kind="quiet" onPress={change}>
          {t(way === 'code' ? 'stepUp.password' : 'second.instead.code')}
        </Button>
      )}
      <DemoPassword />
    </Dialog>
  );
}
