import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import type { GuestRole } from '../api/messages';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { TextField } from '../design/fields';
import { Banner, errorText } from '../design/surfaces';
import type { ConfirmProps } from '../patient/ConfirmPatient';
import './people.css';

export interface ConfirmGuestProps extends ConfirmProps {
  role: GuestRole;
  /** Another browser holds the link. */
  bound: boolean;
  /** Nobody new is let in now. */
  locked: boolean;
}

/** Family, an interpreter or an observer repeats the name by which they were invited. */
export default function ConfirmGuest({ busy, failure, onConfirm, role, bound, locked }: ConfirmGuestProps): ReactElement {
  const { t } = useTranslation(['people', 'patient', 'errors']);
  const [name, setName] = useState('');
  const [empty, setEmpty] = useState(false);
  const code = failure instanceof ApiError ? failure.code : '';
  const faults: Fault[] = [];
  if (empty) faults.push({ field: 'guest-name', text: t('patient:join.consultant.name-empty') });
  else if (code === 'join.mismatch' && failure instanceof ApiError) {
    faults.push({ field: 'guest-name', text: t('patient:join.mismatch', { count: Number(failure.details.attempts_left ?? 0) }) });
  } else if (failure && code !== 'room.locked' && code !== 'join.bound') faults.push({ field: 'guest-name', text: errorText(t, failure) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setEmpty(!name.trim());
    if (name.trim()) void onConfirm({ name: name.trim() });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ErrorSummary key={JSON.stringify(faults)} faults={faults} />
      <p className="question">{t(`join.${role}`)}</p>
      {(locked || code === 'room.locked') && (
        <Banner tone="warn" icon="lock" live="status" title={t('join.locked')}>
          {t('join.locked-text')}
        </Banner>
      )}
      {(bound || code === 'join.bound') && (
        <Banner tone="warn" live="status" title={t('join.bound')}>
          {t('join.bound-text')}
        </Banner>
      )}
      <TextField id="guest-name" label={t('patient:join.consultant.name')} hint={t('join.name-hint')} autoComplete="name" value={name} onChange={setName} />
      <Button kind="primary" type="submit" isPending={busy}>
        {t('patient:join.confirm')}
      </Button>
    </form>
  );
}
