import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { ApiError, post } from '../api/client';
import { useEnter, useSession } from '../api/session';
import type { SecondStepAsked, Session, SignInAnswer } from '../api/messages';
import { Banner, Button, Card, ErrorSummary, ErrorText, type Fault, Page, TextField } from '../design';
import { homeOf } from '../shell/homes';
import { DemoPeople } from './DemoPeople';
import { NewPassword } from './NewPassword';
import { passkeysWork, answerWithPasskey } from './passkeys';
import { ProviderButtons } from './ProviderButtons';
import { takeLeft } from './providers';
import { SecondStep } from './SecondStep';
import './account.css';

/** Sign-in for accounts; patients have their link. */
export default function SignInPage(): ReactElement {
  const { t } = useTranslation('account');
  const session = useSession();
  const arrive = useArrival();
  const [asked, setAsked] = useState<SecondStepAsked | null>(null);
  const who = session.data?.session;
  if (who) return <Navigate to={arrive.target(who)} replace />;
  if (asked) return <SecondStep asked={asked} onSignedIn={arrive.enter} onBack={() => setAsked(null)} />;
  return (
    <Page title={t('signIn.title')} lead={t('signIn.lead')} narrow>
      <Left />
      {session.data?.setup_needed && <Banner icon="key">{t('signIn.setupNeeded')}</Banner>}
      {session.data?.demo && <DemoPeople onSignedIn={arrive.enter} />}
      <ProviderButtons />
      <SignInForm onSignedIn={arrive.enter} onAsked={setAsked} secondary={session.data?.demo ?? false} />
      {passkeysWork(session.data?.passkey_address) && <PasskeySignIn onSignedIn={arrive.enter} />}
    </Page>
  );
}

/** Tells whoever has just signed out where they did. */
function Left(): ReactElement | null {
  const { t } = useTranslation('account');
  const [search] = useSearchParams();
  const [left] = useState(() => takeLeft(search.get('state')));
  if (!left) return null;
  return (
    <Banner tone={left === 'both' ? 'ok' : 'warn'} live="status">
      {t(`signOut.left.${left}`)}
    </Banner>
  );
}

function PasskeySignIn({ onSignedIn }: { onSignedIn(session: Session): void }): ReactElement {
  const { t } = useTranslation('account');
  const signIn = useMutation({
    mutationFn: async () => post<{ session: Session }>('/session/passkey', await answerWithPasskey('sign-in')),
    onSuccess: ({ session }) => onSignedIn(session),
  });
  return (
    <Card>
      <div className="account-form">
        {signIn.isError && <SignInFailure error={signIn.error} />}
        <Button icon="key" isPending={signIn.isPending} onPress={() => signIn.mutate()} wide>
          {t('passkey.signIn')}
        </Button>
      </div>
    </Card>
  );
}

interface SignInFormProps {
  onSignedIn(session: Session): void;
  onAsked(asked: SecondStepAsked): void;
  secondary: boolean;
}

function SignInForm({ onSignedIn, onAsked, secondary }: SignInFormProps): ReactElement {
  const { t } = useTranslation('account');
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [faults, setFaults] = useState<Fault[]>([]);
  const signIn = useMutation({
    mutationFn: () => post<SignInAnswer>('/session', { login: login.trim(), password }),
    onSuccess: (answer) => (answer.session ? onSignedIn(answer.session) : onAsked(answer.second)),
    onError: () => setPassword(''),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found: Fault[] = [];
    if (login.trim() === '') found.push({ field: 'login', text: t('signIn.loginNeeded') });
    if (password === '') found.push({ field: 'password', text: t('signIn.passwordNeeded') });
    setFaults(found);
    if (found.length === 0) signIn.mutate();
  };
  const faultOf = (field: string): string | undefined => faults.find((fault) => fault.field === field)?.text;
  return (
    <Card>
      <form className="account-form" onSubmit={submit} noValidate>
        <ErrorSummary faults={faults} />
        {signIn.isError && <SignInFailure error={signIn.error} />}
        <TextField
          id="login"
          label={t('signIn.login')}
          value={login}
          onChange={setLogin}
          autoComplete="username"
          spellCheck="false"
          error={faultOf('login')}
        />
        <NewPassword
          id="password"
          label={t('signIn.password')}
          value={password}
          onChange={setPassword}
          autoComplete="current-password"
          error={faultOf('password')}
        />
        <Button type="submit" kind={secondary ? 'secondary' : 'primary'} isPending={signIn.isPending} wide>
          {t('signIn.submit')}
        </Button>
        <p className="small soft">{t('signIn.forgot')}</p>
      </form>
    </Card>
  );
}

function SignInFailure({ error }: { error: unknown }): ReactElement {
  const { t } = useTranslation('account');
  const known = error instanceof ApiError ? error : null;
  return (
    <Banner tone="danger" live="alert">
      {known?.code === 'login.wrong' ? (
        t('signIn.wrong')
      ) : known?.code === 'login.attempts' ? (
        known.retryAfter ? (
          t('signIn.attempts', { seconds: known.retryAfter })
        ) : (
          t('signIn.attemptsLater')
        )
      ) : (
        <ErrorText error={error} />
      )}
    </Banner>
  );
}

/** Takes in a session and goes where its owner wanted to go, never to another site; `wanted` stands in for the address's. */
export function useArrival(wanted: string | null = null): { enter(session: Session): void; target(session: Session): string } {
  const enterSession = useEnter();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const target = (session: Session): string => {
    const next = wanted ?? search.get('next');
    return next && /^\/(?![/\\])/.test(next) ? next : homeOf(session.user.role);
  };
  return {
    target,
    enter: (session) => {
      enterSession(session);
      void navigate(target(session), { replace: true });
    },
  };
}
