import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { ApiError, post } from '../api/client';
import type { SecondStepAsked, SignInAnswer } from '../api/messages';
import { Banner, Button, Card, ErrorSummary, ErrorText, type Fault, Page } from '../design';
import { NewPassword, SHORTEST } from './NewPassword';
import { SecondStep } from './SecondStep';
import { SignInLink } from './SetUpPage';
import { useArrival } from './SignInPage';
import './account.css';

/** A first or new password, by the one-time link that an administrator handed over. */
export default function PasswordPage(): ReactElement {
  const { t } = useTranslation('account');
  const { token = '' } = useParams();
  const navigate = useNavigate();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [faults, setFaults] = useState<Fault[]>([]);
  const [asked, setAsked] = useState<SecondStepAsked | null>(null);
  const arrive = useArrival();
  const save = useMutation({
    mutationFn: () => post<SignInAnswer>('/password', { token, password }),
    onSuccess: (answer) => (answer.session ? arrive.enter(answer.session) : setAsked(answer.second)),
    onError: (error) => {
      if (codeOf(error) === 'password.weak') setFaults([{ field: 'password', text: t('password.weak') }]);
    },
  });
  // The link is used up: from the second step the way back is to the sign-in page.
  if (asked) return <SecondStep asked={asked} onSignedIn={arrive.enter} onBack={() => void navigate('/sign-in')} />;
  if (codeOf(save.error) === 'password-link.over') {
    return (
      <Page title={t('password.over.title')} narrow>
        <Banner tone="warn">{t('password.over.body')}</Banner>
        <SignInLink />
      </Page>
    );
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found: Fault[] = [];
    if (password.length < SHORTEST) found.push({ field: 'password', text: t('password.short') });
    else if (password !== again) found.push({ field: 'again', text: t('password.different') });
    setFaults(found);
    if (found.length === 0) save.mutate();
  };
  const faultOf = (field: string): string | undefined => faults.find((fault) => fault.field === field)?.text;
  return (
    <Page title={t('password.title')} lead={t('password.lead')} narrow>
      <Card>
        <form className="account-form" onSubmit={submit} noValidate>
          <ErrorSummary faults={faults} />
          {save.isError && faults.length === 0 && (
            <Banner tone="danger" live="alert">
              <ErrorText error={save.error} />
            </Banner>
          )}
          <NewPassword
            id="password"
            label={t('password.new')}
            hint={t('password.hint')}
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            error={faultOf('password')}
          />
          <NewPassword
            id="again"
            label={t('password.again')}
            value={again}
            onChange={setAgain}
            autoComplete="new-password"
            error={faultOf('again')}
          />
          <Button type="submit" kind="primary" isPending={save.isPending} wide>
            {t('password.submit')}
          </Button>
        </form>
      </Card>
    </Page>
  );
}

function codeOf(error: unknown): string | null {
  return error instanceof ApiError ? error.code : null;
}
