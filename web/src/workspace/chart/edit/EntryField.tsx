import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Select, TextField } from '../../../design';
import { FindList } from '../../../design/FindList';
import { nameIn } from '../../../i18n';
import { foundTerm } from '../../note/foundTerm';
import { useTerms } from '../../note/useTerms';
import { useWord } from '../words';
import type { Field, Form } from './forms';
import type { Values } from './merge';

/** Terms below a problem's name. */
const MOST = 6;

export interface EntryFieldProps {
  field: Field;
  form: Form;
  values: Values;
  fault: string | undefined;
  /** Both changed it: it is to be looked at. */
  marked: boolean;
  autoFocus: boolean;
  onChange(changed: Values): void;
}

export function EntryField(props: EntryFieldProps): ReactElement {
  const { field, form, values, fault, marked, autoFocus, onChange } = props;
  const { t, i18n } = useTranslation('record');
  const word = useWord();
  const label = t([`field.${form.resource}.${field.id}`, `field.${field.id}`]);
  const hint = i18n.exists(`hint.${field.id}`, { ns: 'record' }) ? t(`hint.${field.id}`) : undefined;
  const shared = {
    id: `entry-${field.id}`,
    label,
    hint: marked ? t('conflict.lookAt') : hint,
    error: fault ? t(`fault.${fault}`, { field: label }) : undefined,
  };
  const value = values[field.id] ?? '';
  if (field.kind === 'problem') return <ProblemField {...shared} values={values} onChange={onChange} />;
  if (field.kind === 'choice') {
    const codes = field.codes ?? [];
    // What another system wrote and the form does not offer stays until somebody chooses something else.
    const all = codes.includes(value) ? codes : [value, ...codes];
    return (
      <Select
        {...shared}
        options={all.map((code) => ({ id: code || 'none', label: code ? word(field.words ?? '', code) : t('field.notKnown') }))}
        value={value || 'none'}
        onChange={(code) => onChange({ [field.id]: code === 'none' ? '' : code })}
      />
    );
  }
  return (
    <TextField
      {...shared}
      value={value}
      // Other words are another thing than the code said.
      onChange={(text) => onChange(field.id === 'text' ? { text, code: '', system: '', display: '' } : { [field.id]: text })}
      autoComplete="off"
      {...(autoFocus && { autoFocus: true })}
      {...(field.kind === 'long' && { multiline: true, rows: 2 })}
      {...(field.kind === 'date' && { inputMode: 'numeric' as const })}
    />
  );
}

function ProblemField(props: {
  id: string;
  label: string;
  hint: string | undefined;
  error: string | undefined;
  values: Values;
  onChange(changed: Values): void;
}): ReactElement {
  const { id, label, hint, error, values, onChange } = props;
  const { t } = useTranslation('record');
  const typed = values.text ?? '';
  const terms = useTerms(values.code ? '' : typed.trim());
  const found = values.code || typed.trim() === '' ? [] : (terms.data ?? []).slice(0, MOST);
  return (
    <FindList
      id={id}
      label={label}
      {...(hint !== undefined && { hint })}
      error={error}
      value={typed}
      onChange={(text) => text !== typed && onChange({ text, code: '', system: '', display: '' })}
      found={found.map(foundTerm)}
      onPick={(code) => {
        const term = found.find((one) => one.code === code);
        if (term) onChange({ text: nameIn(term.display), code: term.code, system: term.system, display: term.display.en });
      }}
      status={values.code ? t('form.coded', { code: values.code }) : typed.trim() ? t('form.uncoded') : null}
      autoFocus
    />
  );
}
