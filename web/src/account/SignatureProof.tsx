import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { Button } from '../design';
import { passkeysWork } from './passkeys';
import { useFactors } from './useFactors';

/** A passkey in place of the password, for whoever has one that works on this page. */
export function SignatureProof(props: { isPending: boolean; isDisabled?: boolean; onPress(): void }): ReactElement | null {
  const { t } = useTranslation('workspace');
  const address = useSession().data?.passkey_address;
  const factors = useFactors();
  if (!factors.data?.passkeys.length || !passkeysWork(address)) return null;
  return (
    <div>
      <Button icon="key" {...props}>
        {t('sign.passkey')}
      </Button>
    </div>
  );
}
