import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import { get } from '../../api/client';
import type { Diagnosis, Term } from '../../api/types';
import { Button, Icon, Select } from '../../design';
import { nameIn } from '../../i18n';

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
    onChange([...diagnoses, { system: term.system, code: term.code, display: nameIn(term.display), verification: 'provisional' }]);
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
              <Button kind="quiet" icon="trash" iconOnly onPress={() => onChange(diagnoses.filter((_, at) => at !== index))}>
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
  const terms = useQuery({
    queryKey: ['terms', query],
    queryFn: async ({ signal }) => {
      const search = new URLSearchParams({ query });
      return (await get<{ terms: Term[] }>(`/terms/diagnoses?${search}`, { signal })).terms;
    },
    enabled: query !== '',
    placeholderData: keepPreviousData,
    staleTime: 600_000,
  });
  const found = query === '' ? [] : (terms.data ?? []);
  return (
    <ComboBox
      id="note-diagnoses"
      className="field"
      items={found.map((term) => ({ ...term, id: term.code }))}
      inputValue={typed}
      onInputChange={setTyped}
      value={null}
      onChange={(key) => {
        const term = found.find((one) => one.code === key);
        if (!term) return;
        onPick(term);
        setTyped('');
      }}
      allowsEmptyCollection
      menuTrigger="input"
      isInvalid={!!error}
      validationBehavior="aria"
      defaultFilter={() => true}
    >
      <Label className="field-label">{t('note.addDiagnosis')}</Label>
      <Text slot="description" className="field-hint">
        {t('note.diagnosisHint')}
      </Text>
      {error && (
        <span className="field-error">
          <Icon name="alert" size={18} />
          {error}
        </span>
      )}
      <div className="combo">
        <Input className="input" placeholder="" />
        <AriaButton className="combo-button">
          <Icon name="chevron-down" size={18} />
        </AriaButton>
      </div>
      <Popover className="popover">
        <ListBox className="options" renderEmptyState={() => (
            <p className="option soft">{terms.isFetching || query === '' ? t('book.searching') : t('note.noTerm')}</p>
          )}>
          {(term: Term & { id: string }) => (
            <ListBoxItem id={term.id} textValue={`${term.code} ${nameIn(term.display)}`} className="option">
              <span className="numbers soft term-code">{term.code}</span>
              <span className="choice-text">
                <span>{nameIn(term.display)}</span>
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
