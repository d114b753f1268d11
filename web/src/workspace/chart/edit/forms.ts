import type { AllergyEntry, MedicationEntry, ProblemEntry } from '../../../api/chart';
import type { Values } from './merge';

export interface Field {
  id: string;
  kind: 'text' | 'long' | 'date' | 'choice' | 'problem';
  /** Codes to choose from; the empty one is "not known". */
  codes?: readonly string[];
  /** Where words for the codes stand. */
  words?: string;
  needed?: boolean;
}

/** How one kind of entry is kept: its fields, where they come from and where they go. */
export interface Form {
  resource: string;
  /** Below the patient's address. */
  path: string;
  fields: readonly Field[];
  valuesOf(entry: Kept | null): Values;
  body(values: Values): unknown;
}

export type Kept = ProblemEntry | AllergyEntry | MedicationEntry;

const day = (text: string | null | undefined): string => (/^\d{4}/.test(text ?? '') ? (text ?? '').slice(0, 10) : '');

/** A code goes along while the words are still those that it was chosen with. */
const codeOf = ({ code, system, display }: Values): unknown => (code && system ? { system, code, display: display ?? '' } : null);
const coded = (entry: Kept | null): Values => ({
  code: entry?.code ?? '',
  system: entry?.system ?? '',
  display: entry?.display ?? '',
});

const problem: Form = {
  resource: 'Condition',
  path: 'problems',
  fields: [
    { id: 'text', kind: 'problem', needed: true },
    { id: 'clinical', kind: 'choice', words: 'clinical', codes: ['active', 'recurrence', 'relapse', 'remission', 'inactive', 'resolved'] },
    {
      id: 'verification',
      kind: 'choice',
      words: 'verification',
      codes: ['confirmed', 'provisional', 'differential', 'unconfirmed', 'refuted', 'entered-in-error'],
    },
    { id: 'onset', kind: 'date' },
    { id: 'abatement', kind: 'date' },
    { id: 'note', kind: 'long' },
  ],
  valuesOf: (kept) => {
    const entry = kept as ProblemEntry | null;
    return {
      text: entry?.text ?? '',
      ...coded(entry),
      clinical: entry ? (entry.status ?? '') : 'active',
      // What the record does not say, the form does not say either.
      verification: entry ? (entry.verification ?? '') : 'confirmed',
      onset: day(entry?.onset),
      abatement: day(entry?.abatement),
      note: entry?.note ?? '',
    };
  },
  body: (values) => ({ ...rest(values), code: codeOf(values) }),
};

const allergy: Form = {
  resource: 'AllergyIntolerance',
  path: 'allergies',
  fields: [
    { id: 'text', kind: 'text', needed: true },
    { id: 'criticality', kind: 'choice', words: 'criticality', codes: ['', 'high', 'low', 'unable-to-assess'] },
    { id: 'category', kind: 'choice', words: 'category', codes: ['', 'medication', 'food', 'environment', 'biologic'] },
    { id: 'reaction', kind: 'text' },
    { id: 'severity', kind: 'choice', words: 'severity', codes: ['', 'mild', 'moderate', 'severe'] },
    { id: 'clinical', kind: 'choice', words: 'clinical', codes: ['active', 'inactive', 'resolved'] },
    { id: 'verification', kind: 'choice', words: 'verification', codes: ['confirmed', 'unconfirmed', 'refuted', 'entered-in-error'] },
    { id: 'note', kind: 'long' },
  ],
  valuesOf: (kept) => {
    const entry = kept as AllergyEntry | null;
    return {
      text: entry?.text ?? '',
      ...coded(entry),
      criticality: entry?.criticality ?? '',
      category: entry?.category[0] ?? '',
      reaction: entry?.reactions[0]?.text ?? '',
      severity: entry?.reactions[0]?.severity ?? '',
      clinical: entry ? (entry.clinical ?? '') : 'active',
      // What the record does not say, the form does not say either.
      verification: entry ? (entry.verification ?? '') : 'confirmed',
      note: entry?.note ?? '',
    };
  },
  body: (values) => ({ ...rest(values), code: codeOf(values) }),
};

const medication: Form = {
  resource: 'MedicationStatement',
  path: 'medications',
  fields: [
    { id: 'text', kind: 'text', needed: true },
    { id: 'dosage', kind: 'text' },
    {
      id: 'status',
      kind: 'choice',
      words: 'medicationStatus',
      codes: ['active', 'on-hold', 'stopped', 'completed', 'not-taken', 'intended', 'unknown', 'entered-in-error'],
    },
    { id: 'from', kind: 'date' },
    { id: 'to', kind: 'date' },
    { id: 'reason', kind: 'text' },
    { id: 'note', kind: 'long' },
  ],
  valuesOf: (kept) => {
    const entry = kept as MedicationEntry | null;
    return {
      text: entry?.text ?? '',
      ...coded(entry),
      dosage: entry?.dosage ?? '',
      status: entry?.status ?? 'active',
      from: day(entry?.from),
      to: day(entry?.to),
      reason: entry?.reason ?? '',
      note: entry?.note ?? '',
    };
  },
  body: (values) => ({ ...rest(values), code: codeOf(values) }),
};

const order: Form = {
  resource: 'MedicationRequest',
  path: 'orders',
  fields: [
    {
      id: 'status',
      kind: 'choice',
      words: 'medicationStatus',
      codes: ['active', 'on-hold', 'stopped', 'completed', 'cancelled', 'entered-in-error'],
    },
    { id: 'reason', kind: 'text' },
  ],
  valuesOf: (kept) => {
    const entry = kept as MedicationEntry | null;
    return { status: entry?.status ?? 'active', reason: entry?.reason ?? '' };
  },
  body: (values) => values,
};

export const FORMS = { problem, allergy, medication, order } as const;

/** What must be put right before it can be sent, by field. */
export function faultsOf(form: Form, values: Values): Record<string, 'required' | 'date' | 'reaction' | 'order'> {
  const faults: Record<string, 'required' | 'date' | 'reaction' | 'order'> = {};
  for (const field of form.fields) {
    const value = (values[field.id] ?? '').trim();
    if (field.needed && value === '') faults[field.id] = 'required';
    if (field.kind === 'date' && value !== '' && !isDate(value)) faults[field.id] = 'date';
  }
  if (values.severity && !values.reaction?.trim()) faults.reaction = 'reaction';
  // FHIR R4, ait-1.
  if (form === allergy && !values.clinical && values.verification !== 'entered-in-error') faults.clinical = 'required';
  for (const [first, last] of [['onset', 'abatement'], ['from', 'to']] as const) {
    const [from, to] = [values[first]?.trim(), values[last]?.trim()];
    if (from && to && !faults[first] && !faults[last] && to < from.slice(0, to.length)) faults[last] = 'order';
  }
  return faults;
}

/** A year, a month or a day that there is. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  const date = new Date(year, month - 1, day);
  return year > 0 && date.getMonth() === month - 1 && date.getDate() === day;
}

function rest({ code: _code, system: _system, display: _display, ...values }: Values): Values {
  return values;
}
