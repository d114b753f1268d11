import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { ApiError, post } from '../api/client';
import { useSession } from '../api/session';
import type { Session } from '../api/messages';
import { Banner, Button, Card, ErrorSummary, ErrorText, type Fault, LinkButton, Page, TextField } from '../design';
import { NewPassword, SHORTEST } from './NewPassword';
import { useArrival } from './SignInPage';
import './account.css';

const FIELDS = ['institutionName', 'city', 'name', 'login', 'password'] as const;
type FieldName = (typeof FIELDS)[number];
type Entries = Record<FieldName, string>;

/** First start: the first institution and its administrator, by the one-time link that the server printed. */
export default function SetUpPage(): ReactElement {
  const { t } = useTranslation('account');
  const { token } = useParams();
  const session = useSession();
  const needed = session.data?.setup_needed ?? true;
  if (!token || !needed) {
    return (
      <Page title={t('setup.title')} narrow>
        <Banner icon="key">{needed ? t('signIn.setupNeeded') : t('setup.invalid.body')}</Banner>
        {!needed && <SignInLink />}
      </Page>
    );
  }
  return (
    <Page title={t('setup.title')} lead={t('setup.lead')} narrow>
      <SetUpForm token={token} />
    </Page>
  );
}

function SetUpForm({ token }: { token: string }): ReactElement {
  const { t } = useTranslation('account');
  const [entries, setEntries] = useState<Entries>({ institutionName: '', city: '', name: '', login: '', password: '' });
  const [faults, setFaults] = useState<Fault[]>([]);
  const arrive = useArrival();
  const setUp = useMutation({
    mutationFn: () => post<{ session: Session }>('/setup', bodyOf(token, entries)),
    onSuccess: ({ session }) => arrive.enter(session),
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'password.weak')
        setFaults([{ field: 'password', text: t('password.weak') }]);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = faultsOf(entries, t);
    setFaults(found);
    if (found.length === 0) setUp.mutate();
  };
  const bind = (
    id: FieldName,
  ): { id: string; value: string; onChange(text: string): void; error: string | undefined } => ({
    id,
    value: entries[id],
    onChange: (text) => setEntries((before) => ({ ...before, [id]: text })),
    error: faults.find((fault) => fault.field === id)?.text,
  });
  return (
    <form className="account-form" onSubmit={submit} noValidate>
      <ErrorSummary faults={faults} />
      {setUp.isError && faults.length === 0 && <SetUpFailure error={setUp.error} />}
      <Card title={t('setup.institution')}>
        <TextField {...bind('institutionName')} label={t('setup.institutionName')} autoComplete="organization" />
        <TextField {...bind('city')} label={t('setup.city')} autoComplete="address-level2" />
      </Card>
      <Card title={t('setup.administrator')}>
        <TextField {...bind('name')} label={t('setup.name')} autoComplete="name" />
        <TextField {...bind('login')} label={t('setup.login')} hint={t('setup.loginHint')} autoComplete="username" />
        <NewPassword
          {...bind('password')}
          label={t('password.new')}
          hint={t('password.hint')}
          autoComplete="new-password"
        />
      </Card>
      <Button type="submit" kind="primary" isPending={setUp.isPending} wide>
        {t('setup.submit')}
      </Button>
    </form>
  );
}

function SetUpFailure({ error }: { error: unknown }): ReactElement {
  const { t } = useTranslation('account');
  const invalid = error instanceof ApiError && error.code === 'setup.invalid';
  return (
    <Banner tone="danger" live="alert" title={invalid ? t('setup.invalid.title') : undefined}>
      {invalid ? t('setup.invalid.body') : <ErrorText error={error} />}
    </Banner>
  );
}

export function SignInLink(): ReactElement {
  const { t } = useTranslation('account');
  return (
    <div>
      <LinkButton to="/sign-in" icon="arrow-right">
        {t('toSignIn')}
      </LinkButton>
    </div>
  );
}

function bodyOf(token: string, entries: Entries): unknown {
  return {
    token,
    name: entries.name.trim(),
    login: entries.login.trim(),
    password: entries.password,
    institution: { name: entries.institutionName.trim(), city: entries.city.trim() },
  };
}

function faultsOf(entries: Entries, t: (key: string, values?: Record<string, unknown>) => string): Fault[] {
  const label: Record<FieldName, string> = {
    institutionName: t('setup.institutionName'),
    city: t('setup.city'),
    name: t('setup.name'),
    login: t('setup.login'),
    password: t('password.new'),
  };
  return FIELDS.flatMap((field) => {
    const text = entries[field].trim();
    if (text === '') return [{ field, text: t('needed', { field: label[field] }) }];
    if (field === 'login' && !LOGIN.test(text)) return [{ field, text: t('badLogin') }];
    if (field === 'password' && entries.password.length < SHORTEST) return [{ field, text: t('password.short') }];
    return [];
  });
}

const LOGIN = /^[\p{Letter}\p{Number}.-]{1,64}$/u;
