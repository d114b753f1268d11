import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Names } from '../api/messages';
import { useSignOut } from '../api/session';
import { Banner, Button, Dialog, ErrorText } from '../design';
import { wordOf } from './ProviderButtons';
import { leaveBoth } from './providers';
import './account.css';

/** Asks whoever came by an identity provider where they sign out: there as well, or here only. */
export default function SignOut({ provider, onClose }: { provider: Names; onClose(): void }): ReactElement {
  const { t, i18n } = useTranslation('account');
  const signOutHere = useSignOut();
  const here = useMutation({ mutationFn: signOutHere });
  const both = useMutation({ mutationFn: leaveBoth });
  const name = wordOf(provider, i18n.language);
  return (
    <Dialog
      title={t('signOut.title')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button isPending={here.isPending} isDisabled={both.isPending} onPress={() => here.mutate()}>
            {t('signOut.here')}
          </Button>
          <Button kind="primary" autoFocus isPending={both.isPending} isDisabled={here.isPending} onPress={() => both.mutate()}>
            {t('signOut.both', { name })}
          </Button>
        </>
      }
    >
      <p>{t('signOut.explain', { name })}</p>
      {both.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={both.error} />
        </Banner>
      )}
    </Dialog>
  );
}
