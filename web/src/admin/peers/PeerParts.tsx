import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Checkbox, Select } from '../../design';
import type { PeerForm } from './PeerDialog';
import type { Risk } from './peers';
import './peers.css';
import { useOrganizations } from './useOrganizations';

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
  const { t } = useTranslation('peers');
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

interface LineProofProps<Entries> {
  form: PeerForm<Entries>;
  risks: readonly Risk[];
  /** Where the words of this kind of peer stand, such as `hl7v2:form`. */
  words: string;
}

/** By what a peer that comes here is known: from where, with which certificate, and whether over TLS. */
export function LineProof<Entries extends Coming>({ form, risks, words }: LineProofProps<Entries>): ReactElement {
  const { t } = useTranslation('peers');
  // What is known of the entries of all who come.
  const { entries, set, text } = form as unknown as PeerForm<Coming>;
  return (
    <Part title={t('form.proof')}>
      <div className="form-grid peer-pair">
        {text('addresses', { rows: 3 })}
        {text('certificate', { rows: 3 })}
      </div>
      {risks.includes('nameOnly') && <Banner tone="warn">{t(`${words}.nameOnlyWarn`)}</Banner>}
      <Checkbox isSelected={entries.plain} onChange={(plain) => set({ plain })} hint={t([`${words}.plainHint`, 'form.plainHint'])}>
        {t([`${words}.plain`, 'form.plain'])}
      </Checkbox>
      {risks.includes('plain') && <Banner tone="warn">{t('form.plainWarn')}</Banner>}
    </Part>
  );
}

interface Coming {
  addresses: string;
  certificate: string;
  plain: boolean;
}
