import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design';
import { wordOf } from './ProviderButtons';
import { useFactors } from './useFactors';

/** A proof at the identity provider, for whoever is linked to one. */
export function ProviderProof(props: { isPending: boolean; isDisabled?: boolean; onPress(): void }): ReactElement | null {
  const { t, i18n } = useTranslation('account');
  const provider = useFactors().data?.provider;
  if (!provider) return null;
  return (
    <div>
      <Button icon="hospital" {...props}>
        {t('provider.prove', { name: wordOf(provider, i18n.language) })}
      </Button>
    </div>
  );
}
