import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { TextField } from '../design/fields';
import { errorText } from '../design/surfaces';
import type { ConfirmProps } from './ConfirmPatient';

/** An invited clinician of another institution says who is joining. */
export function ConfirmConsultant({ busy, failure, onConfirm }: ConfirmProps): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const [name, setName] = useState('');
  const [registration, setRegistration] = useState('');
  const [faults, setFaults] = useState<Fault[]>([]);
  const refusal =
    failure instanceof ApiError && failure.code === 'join.mismatch'
      ? t('join.mismatch', { count: Number(failure.details.attempts_left ?? 0) })
      : failure
        ? errorText(t, failure)
        : null;
  const shown = faults.length || !refusal ? faults : [{ field: 'consultant-name', text: refusal }];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found: Fault[] = [];
    if (!name.trim()) found.push({ field: 'consultant-name', text: t('join.consultant.name-empty') });
    if (!registration.trim()) found.push({ field: 'consultant-registration', text: t('join.consultant.registration-empty') });
    setFaults(found);
    if (found.length === 0) void onConfirm({ name: name.trim(), registration: registration.trim() });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ErrorSummary key={JSON.stringify(shown)} faults={shown} />
      <p className="question">{t('join.consultant.title')}</p>
      <p className="soft">{t('join.consultant.text')}</p>
      <TextField id="consultant-name" label={t('join.consultant.name')} autoComplete="name" value={name} onChange={setName} />
      <TextField
        id="consultant-registration"
        label={t('join.consultant.registration')}
        autoComplete="off"
        value={registration}
        onChange={setRegistration}
      />
      <Button kind="primary" type="submit" isPending={busy}>
        {t('join.confirm')}
      </Button>
    </form>
  );
}
