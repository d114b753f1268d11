import { useMutation } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post } from '../../api/client';
import { Banner, TextField } from '../../design';
import { EditDialog } from '../EditDialog';
import type { Identified } from './retention';

interface IdentifyPatientProps {
  title: ReactNode;
  onClose(): void;
  onFound(patient: Identified): void;
}

/** An administrator reads no records: who has a number and the birth date is told the id, and nothing else. */
export function IdentifyPatient({ title, onClose, onFound }: IdentifyPatientProps): ReactElement {
  const { t } = useTranslation('admin');
  const [identifier, setIdentifier] = useState('');
  const [birthDate, setBirthDate] = useState('');
  const [tried, setTried] = useState(false);
  const find = useMutation({
    mutationFn: () =>
      post<{ patient: Identified }>('/admin/patients/identify', { identifier: identifier.trim(), birth_date: birthDate }),
    onSuccess: ({ patient }) => onFound(patient),
  });
  const nobody = find.error instanceof ApiError && find.error.status === 404;
  const submit = (): void => {
    setTried(true);
    if (identifier.trim() === '') document.getElementById('identify-identifier')?.focus();
    else if (birthDate === '') document.getElementById('identify-birth')?.focus();
    else find.mutate();
  };
  const needed = (value: string, label: string): string | undefined =>
    tried && value.trim() === '' ? t('error.required', { field: label }) : undefined;
  return (
    <EditDialog
      title={title}
      onClose={onClose}
      save={{ ...find, isError: find.isError && !nobody }}
      onSubmit={submit}
      submit={t('identify.find')}
    >
      <p>{t('identify.explain')}</p>
      {nobody && (
        <Banner tone="warn" live="alert">
          {t('identify.nobody')}
        </Banner>
      )}
      <TextField
        id="identify-identifier"
        label={t('identify.identifier')}
        hint={t('identify.identifierHint')}
        value={identifier}
        onChange={setIdentifier}
        autoComplete="off"
        spellCheck="false"
        error={needed(identifier, t('identify.identifier'))}
      />
      <TextField
        id="identify-birth"
        label={t('identify.birthDate')}
        type="date"
        value={birthDate}
        onChange={setBirthDate}
        error={needed(birthDate, t('identify.birthDate'))}
      />
    </EditDialog>
  );
}
