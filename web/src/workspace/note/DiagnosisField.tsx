import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Diagnosis, Term } from '../../api/messages';
import { Button, Select } from '../../design';
import { FindList } from '../../design/FindList';
import { nameIn } from '../../i18n';
import { foundTerm } from './foundTerm';
import { useTerms } from './useTerms';

export interface DiagnosisFieldProps {
  diagnoses: Diagnosis[];
  onChange(diagnoses: Diagnosis[]): void;
  error?: string | undefined;
}

/** Coded diagnoses: found by code or words, each provisional until confirmed. */
export function DiagnosisField({ diagnoses, onChange, error }: DiagnosisFieldProps): ReactElement {
  const { t } = useTranslation('workspace');
  const add = (term: Term): void => {
    if (diagnoses.some((one) => one.code === term.code)) return;
    onChange([
      ...diagnoses,
      { system: term.system, code: term.code, display: nameIn(term.display), verification: 'provisional' },
    ]);
  };
  const change = (index: number, verification: Diagnosis['verification']): void =>
    onChange(diagnoses.map((one, at) => (at === index ? { ...one, verification } : one)));
  return (
    <>
      {diagnoses.length > 0 && (
        <ul className="diagnoses">
          {diagnoses.map((one, index) => (
            <li key={one.code}>
              <span className="diagnosis-name">
                <strong>{one.display}</strong> <span className="soft numbers">{one.code}</span>
              </span>
              <div className="label-hidden">
                <Select
                  label={`${t('note.verification')}: ${one.display}`}
                  options={(['provisional', 'confirmed'] as const).map((id) => ({ id, label: t(`note.${id}`) }))}
                  value={one.verification}
                  onChange={(verification) => change(index, verification)}
                />
              </div>
              <Button
                kind="quiet"
                icon="trash"
                iconOnly
                onPress={() => onChange(diagnoses.filter((_, at) => at !== index))}
              >
                {t('note.removeDiagnosis', { name: one.display })}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <TermCombo onPick={add} error={error} />
    </>
  );
}

function TermCombo({ onPick, error }: { onPick(term: Term): void; error: string | undefined }): ReactElement {
  const { t } = useTranslation('workspace');
  const [typed, setTyped] = useState('');
  const query = typed.trim();
  const terms = useTerms(query);
  const found = query === '' ? [] : (terms.data ?? []);
  const status =
    query === ''
      ? null
      : terms.isFetching && found.length === 0
        ? t('book.searching')
        : found.length === 0
          ? t('note.noTerm')
          : null;
  return (
    <FindList
      id="note-diagnoses"
      label={t('note.addDiagnosis')}
      hint={t('note.diagnosisHint')}
      error={error}
      value={typed}
      onChange={setTyped}
      found={found.slice(0, MOST).map(foundTerm)}
      onPick={(code) => {
        const term = found.find((one) => one.code === code);
        if (!term) return;
        onPick(term);
        setTyped('');
      }}
      status={status}
    />
  );
}

/** As many as one looks through; more letters find the rest. */
const MOST = 12;
