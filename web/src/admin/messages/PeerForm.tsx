import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Select } from '../../design';
import { CHARSETS } from './peers';
import { useOrganizations } from './requests';

/** A part of the form in which another system is described. */
export function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <fieldset className="peer-part">
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

interface OrganizationSelectProps {
  hint: string;
  /** What it means to choose none. */
  none: string;
  /** Its id; empty: none. */
  value: string;
  onChange(id: string): void;
}

export function OrganizationSelect({ hint, none, value, onChange }: OrganizationSelectProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const options = useOrganizations().map(({ id, name }) => ({ id, label: name }));
  return (
    <Select
      label={t('form.organization')}
      hint={hint}
      options={[{ id: 'none', label: none }, ...options]}
      value={value || 'none'}
      onChange={(id) => onChange(id === 'none' ? '' : id)}
    />
  );
}

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
