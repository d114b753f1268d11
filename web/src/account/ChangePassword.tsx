import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../api/client';
import { Banner, Button, Card, ErrorSummary, ErrorText, type Fault } from '../design';
import { NewPassword, SHORTEST } from './NewPassword';

/** A new password, with the one so far. */
export function ChangePassword(): ReactElement {
  const { t } = useTranslation('account');
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [faults, setFaults] = useState<Fault[]>([]);
  const change = useMutation({
    mutationFn: () => post<void>('/session/password', { current, new: next }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      if (error.code === 'password.wrong') setFaults([{ field: 'current', text: t('own.wrong') }]);
      if (error.code === 'password.weak') setFaults([{ field: 'next', text: t('password.weak') }]);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found: Fault[] = [];
    if (current === '') found.push({ field: 'current', text: t('signIn.passwordNeeded') });
    if (next.length < SHORTEST) found.push({ field: 'next', text: t('password.short') });
    setFaults(found);
    if (found.length === 0) change.mutate();
  };
  const faultOf = (field: string): string | undefined => faults.find((fault) => fault.field === field)?.text;
  return (
    <Card title={t('own.change')}>
      <form className="account-form" onSubmit={submit} noValidate>
        <ErrorSummary faults={faults} />
        {change.isError && faults.length === 0 && (
          <Banner tone="danger" live="alert">
            <ErrorText error={change.error} />
          </Banner>
        )}
        {change.isSuccess && (
          <Banner tone="ok" live="status">
            {t('own.changed')}
          </Banner>
        )}
        <NewPassword
          id="current"
          label={t('own.current')}
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          error={faultOf('current')}
        />
        <NewPassword
          id="next"
          label={t('password.new')}
          hint={t('password.hint')}
          value={next}
          onChange={setNext}
          autoComplete="new-password"
          error={faultOf('next')}
        />
        <Button type="submit" kind="primary" isPending={change.isPending}>
          {t('own.change')}
        </Button>
      </form>
    </Card>
  );
}
