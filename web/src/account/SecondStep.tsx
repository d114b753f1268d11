import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../api/client';
import { useSession } from '../api/session';
import type { SecondStepAsked, Session, Way } from '../api/messages';
import { Banner, Button, Card, ErrorText, Page, TextField } from '../design';
import { passkeysWork, answerWithPasskey } from './passkeys';
import './account.css';

export interface SecondStepProps {
  asked: SecondStepAsked;
  onSignedIn(session: Session): void;
  /** Back to the password. */
  onBack(): void;
}

/** After the right password: a passkey, a code of the authenticator app, or a recovery code. */
export function SecondStep({ asked, onSignedIn, onBack }: SecondStepProps): ReactElement {
  const { t } = useTranslation('account');
  const works = passkeysWork(useSession().data?.passkey_address);
  const ways = asked.ways.filter((way) => way !== 'passkey' || works);
  const [way, setWay] = useState<Way | undefined>(ways[0]);
  const show = useMutation({
    mutationFn: async (typed: string) => {
      const shown = way === 'passkey' ? { passkey: await answerWithPasskey('sign-in') } : { [way ?? 'code']: typed };
      return post<{ session: Session }>('/session/second-step', { token: asked.token, ...shown });
    },
    onSuccess: ({ session }) => onSignedIn(session),
  });
  const over = show.error instanceof ApiError && show.error.code === 'second-step.over';
  return (
    <Page title={t('second.title')} lead={t('second.lead')} narrow>
      <Card>
        <div className="account-form">
          {show.isError && (
            <Banner tone="danger" live="alert">
              <ErrorText error={show.error} />
            </Banner>
          )}
          {!way && <Banner tone="warn">{t('second.passkeyElsewhere')}</Banner>}
          {!over && way === 'passkey' && (
            <Button kind="primary" icon="key" wide isPending={show.isPending} onPress={() => show.mutate('')}>
              {t('passkey.use')}
            </Button>
          )}
          {!over && way && way !== 'passkey' && (
            <CodeForm key={way} way={way} isPending={show.isPending} onCode={(code) => show.mutate(code)} />
          )}
          {!over &&
            ways
              .filter((other) => other !== way)
              .map((other) => (
                <Button key={other} kind="quiet" onPress={() => (setWay(other), show.reset())}>
                  {t(`second.instead.${other}`)}
                </Button>
              ))}
          <Button kind={over ? 'primary' : 'quiet'} icon="arrow-left" onPress={onBack}>
            {t('second.back')}
          </Button>
        </div>
      </Card>
    </Page>
  );
}

function CodeForm(props: { way: 'code' | 'recovery_code'; isPending: boolean; onCode(code: string): void }): ReactElement {
  const { way, isPending, onCode } = props;
  const { t } = useTranslation('account');
  const [code, setCode] = useState('');
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (code.trim() !== '') onCode(code.trim());
  };
  return (
    <form className="account-form" onSubmit={submit} noValidate>
      <TextField
        id={way}
        label={t(`second.${way}`)}
        hint={t(`second.${way}Hint`)}
        value={code}
        onChange={setCode}
        autoComplete={way === 'code' ? 'one-time-code' : 'off'}
        inputMode={way === 'code' ? 'numeric' : 'text'}
        autoCapitalize="none"
        spellCheck="false"
        error={tried && code.trim() === '' ? t('second.needed') : undefined}
        autoFocus
      />
      <Button type="submit" kind="primary" isPending={isPending} wide>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}
