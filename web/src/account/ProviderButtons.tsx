import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import type { Names } from '../api/messages';
import { useSession } from '../api/session';
import { Banner, Button, Card, ErrorText } from '../design';
import { goToProvider } from './providers';

/** A name in the language of the page. */
export function wordOf(words: Names, language: string): string {
  return language.startsWith('zh') ? words.zh : words.en;
}

/** One button for each identity provider. */
export function ProviderButtons(): ReactElement | null {
  const { t, i18n } = useTranslation('account');
  const [search] = useSearchParams();
  const providers = useSession().data?.providers ?? [];
  const go = useMutation({ mutationFn: (id: string) => goToProvider(id, search.get('next')) });
  if (providers.length === 0) return null;
  return (
    <Card>
      <div className="account-form">
        {go.isError && (
          <Banner tone="danger" live="alert">
            <ErrorText error={go.error} />
          </Banner>
        )}
        {providers.map(({ id, name }) => (
          <Button key={id} icon="hospital" isPending={go.isPending && go.variables === id} onPress={() => go.mutate(id)} wide>
            {t('provider.signIn', { name: wordOf(name, i18n.language) })}
          </Button>
        ))}
      </div>
    </Card>
  );
}
