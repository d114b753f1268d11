import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useSearchParams } from 'react-router';
import { ApiError, post } from '../api/client';
import type { Proved, SecondStepAsked, SignInAnswer } from '../api/messages';
import { Banner, Button, ErrorText, Page, PageLoading } from '../design';
import { takeNext, tellProof } from './providers';
import { SecondStep } from './SecondStep';
import { useArrival } from './SignInPage';
import './account.css';

/** Where an identity provider sends people back to: finishes the sign-in, or the proof, that began here. */
export default function ProviderPage(): ReactElement {
  const { t } = useTranslation('account');
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [next] = useState(takeNext);
  const arrive = useArrival(next);
  const [asked, setAsked] = useState<SecondStepAsked | null>(null);
  const finish = useMutation({
    mutationFn: () => post<SignInAnswer | Proved>('/session/provider/finish', broughtBack(search)),
    onSuccess: (answer) => {
      if ('proof' in answer) {
        tellProof(answer);
        window.close();
      } else if (answer.session) arrive.enter(answer.session);
      else setAsked(answer.second);
    },
    // The page that waits for a proof hears of it as well; where none waits nobody listens.
    onError: (error) => error instanceof ApiError && tellProof(error),
  });
  // What came back is good once.
  const sent = useRef(false);
  const { mutate } = finish;
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    mutate();
  }, [mutate]);
  const back = (): void => void navigate('/sign-in', { replace: true });
  if (asked) return <SecondStep asked={asked} onSignedIn={arrive.enter} onBack={back} />;
  if (finish.isError)
    return (
      <Page title={t('provider.failed')} narrow>
        <Banner tone="danger" live="alert">
          <ErrorText error={finish.error} />
        </Banner>
        <p>{t('provider.otherWays')}</p>
        <div>
          <Button kind="primary" onPress={back}>
            {t('provider.back')}
          </Button>
        </div>
      </Page>
    );
  if (finish.data && 'proof' in finish.data)
    return (
      <Page title={t('provider.proved')} narrow>
        <p>{t('provider.close')}</p>
      </Page>
    );
  return <PageLoading />;
}

/** What the server takes of the address; the rest is the provider's own business. */
function broughtBack(search: URLSearchParams): Record<string, string> {
  const found = ['state', 'code', 'error', 'iss'].flatMap((name) => {
    const value = search.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { state: '', ...Object.fromEntries(found) };
}
