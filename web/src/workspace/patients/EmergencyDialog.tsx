import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../../api/client';
import type { OpenedEmergency } from '../../api/messages';
import { Banner, Button, Dialog, ErrorText, TextField } from '../../design';
import { readBirthDate } from '../booking/newPatient';
import { type EmergencyEntries, type EmergencyFaults, REASON_CHARACTERS, faultsOfEmergency } from './emergency';

const FIELDS = ['identifier', 'birthDate', 'reason'] as const;

export interface EmergencyDialogProps {
  onOpened(opened: OpenedEmergency): void;
  onClose(): void;
}

/** Opens a record that the clinician does not see, for an hour: who it is, and why, which the patient will read. */
export function EmergencyDialog({ onOpened, onClose }: EmergencyDialogProps): ReactElement {
  const { t } = useTranslation('workspace');
  const [entries, setEntries] = useState<EmergencyEntries>({ identifier: '', birthDate: '', reason: '' });
  const [tried, setTried] = useState(false);
  const birthDate = readBirthDate(entries.birthDate, new Date());
  const faults = faultsOfEmergency(entries, birthDate);
  const open = useMutation({
    mutationFn: () =>
      post<OpenedEmergency>('/emergencies', {
        identifier: entries.identifier.trim(),
        birth_date: birthDate,
        reason: entries.reason.trim(),
      }),
    onSuccess: onOpened,
  });
  const submit = (): void => {
    setTried(true);
    const wrong = FIELDS.find((field) => faults[field]);
    if (wrong) document.getElementById(`emergency-${wrong}`)?.focus();
    else open.mutate();
  };
  return (
    <Dialog
      title={t('emergency.open')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('do.cancelDialog')}</Button>
          <Button kind="danger" isPending={open.isPending} onPress={submit}>
            {t('emergency.submit')}
          </Button>
        </>
      }
    >
      <Banner tone="warn" title={t('emergency.warn')}>
        {t('emergency.warnBody')}
      </Banner>
      {open.isError && (
        <Banner tone="danger" live="alert">
          <OpenFailure error={open.error} />
        </Banner>
      )}
      <Fields entries={entries} faults={tried ? faults : {}} onChange={setEntries} />
    </Dialog>
  );
}

interface FieldsProps {
  entries: EmergencyEntries;
  faults: EmergencyFaults;
  onChange(entries: EmergencyEntries): void;
}

function Fields({ entries, faults, onChange }: FieldsProps): ReactElement {
  const { t } = useTranslation('workspace');
  const bind = (field: keyof EmergencyEntries, label: string): BoundField => {
    const fault = faults[field];
    const words = { required: 'emergency.required', badDate: 'patient.badDate', short: 'emergency.short' };
    return {
      id: `emergency-${field}`,
      label,
      value: entries[field],
      onChange: (text) => onChange({ ...entries, [field]: text }),
      error: fault && t(words[fault], { field: label, count: REASON_CHARACTERS }),
    };
  };
  return (
    <>
      <div className="form-pair">
        <TextField
          {...bind('identifier', t('emergency.identifier'))}
          hint={t('emergency.identifierHint')}
          autoComplete="off"
          autoFocus
        />
        <TextField
          {...bind('birthDate', t('patient.birthDate'))}
          hint={t('patient.birthDateHint')}
          inputMode="numeric"
          autoComplete="off"
        />
      </div>
      <TextField
        {...bind('reason', t('emergency.reason'))}
        hint={t('emergency.reasonHint')}
        maxLength={500}
        multiline
        rows={3}
      />
    </>
  );
}

type BoundField = { id: string; label: string; value: string; onChange(text: string): void; error: string | undefined };

function OpenFailure({ error }: { error: unknown }): ReactElement {
  const { t } = useTranslation('workspace');
  if (error instanceof ApiError && error.status === 404) return <>{t('emergency.missing')}</>;
  return <ErrorText error={error} />;
}
