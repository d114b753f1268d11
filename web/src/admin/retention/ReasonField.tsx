import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '../../design';

export interface ReasonFieldProps {
  id: string;
  hint: string;
  value: string;
  onChange(value: string): void;
  /** It was left empty, and somebody tried to go on. */
  isMissing: boolean;
}

/** The reason that a decision about records is kept with. */
export function ReasonField({ id, hint, value, onChange, isMissing }: ReasonFieldProps): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <TextField
      id={id}
      label={t('retention.reason')}
      hint={hint}
      multiline
      rows={3}
      maxLength={500}
      value={value}
      onChange={onChange}
      error={isMissing ? t('error.required', { field: t('retention.reason') }) : undefined}
    />
  );
}
