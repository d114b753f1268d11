import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Select } from '../../design';

/** Character sets as MSH-18 names them; the first is what no name stands for. */
const CHARSETS = [
  '',
  'GB 18030-2000',
  'BIG-5',
  '8859/1',
  '8859/2',
  '8859/5',
  '8859/6',
  '8859/7',
  '8859/8',
  '8859/9',
  '8859/15',
  'ISO IR87',
  'KS X 1001',
] as const;

interface CharsetSelectProps {
  hint: string;
  value: string;
  onChange(value: string): void;
  id?: string;
  /** What is wrong with it, in words. */
  error?: string | undefined;
}

/** The server knows more names than are offered; one that was set otherwise stays. */
export function CharsetSelect({ hint, value, onChange, id, error }: CharsetSelectProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const names = (CHARSETS as readonly string[]).includes(value) ? CHARSETS : [...CHARSETS, value];
  return (
    <Select
      label={t('form.charset')}
      hint={hint}
      options={names.map((name) => ({ id: name || 'none', label: name || t('form.utf8') }))}
      value={value || 'none'}
      onChange={(name) => onChange(name === 'none' ? '' : name)}
      error={error}
      {...(id !== undefined && { id })}
    />
  );
}
