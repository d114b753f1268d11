import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { Button } from '../design';
import { answerWithPasskey, passkeysWork } from './passkeys';
import { ProviderProof } from './ProviderProof';
import { proveAtProvider } from './providers';
import { useFactors } from './useFactors';

/** By what somebody shows who they are without typing. */
export type ProvedBy = 'passkey' | 'provider';

/** The proof as the server takes it. */
export async function proofBy(by: ProvedBy): Promise<object> {
  return by === 'passkey' ? { passkey: await answerWithPasskey('proof') } : { provider: await proveAtProvider() };
}

interface SignatureProofProps {
  /** By what it is under way. */
  pending: ProvedBy | null;
  isDisabled?: boolean;
  onPress(by: ProvedBy): void;
}

/** A passkey or the identity provider in place of the password, for whoever has one that works on this page. */
export function SignatureProof({ pending, isDisabled = false, onPress }: SignatureProofProps): ReactElement {
  const { t } = useTranslation('workspace');
  const address = useSession().data?.passkey_address;
  const factors = useFactors();
  const passkey = !!factors.data?.passkeys.length && passkeysWork(address);
  return (
    <>
      {passkey && (
        <div>
          <Button icon="key" isPending={pending === 'passkey'} isDisabled={isDisabled} onPress={() => onPress('passkey')}>
            {t('sign.passkey')}
          </Button>
        </div>
      )}
      <ProviderProof isPending={pending === 'provider'} isDisabled={isDisabled} onPress={() => onPress('provider')} />
    </>
  );
}
