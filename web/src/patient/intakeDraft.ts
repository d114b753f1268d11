import { useCallback, useState } from 'react';
import type { DurationUnit, Intake, RedFlag, Visit } from '../api/messages';

/** The questions in their order; each is a page of its own. */
export const QUESTIONS = ['reason', 'symptoms', 'duration', 'location', 'contact', 'red-flags', 'check'] as const;
export type Question = (typeof QUESTIONS)[number];

export const SYMPTOMS = [
  'fever', 'cough', 'sore-throat', 'headache', 'rash', 'abdominal-pain', 'diarrhoea', 'vomiting', 'dizziness',
  'joint-pain', 'back-pain', 'fatigue', 'urinary', 'eye', 'ear', 'wound', 'anxiety', 'other',
] as const;
export const RED_FLAGS: readonly RedFlag[] = [
  'chest-pain', 'breathing', 'stroke', 'bleeding', 'consciousness', 'suicide', 'pregnancy', 'anaphylaxis',
];
export const DURATION_UNITS: readonly DurationUnit[] = ['h', 'd', 'wk', 'mo'];

/** Answers as they are typed; `red_flags` is null until that question has been answered. */
export interface Draft {
  reason: string;
  symptoms: string[];
  duration: { value: string; unit: DurationUnit };
  location: { text: string; city: string };
  callback_number: string;
  emergency_contact: { name: string; phone: string; relation: string };
  red_flags: RedFlag[] | null;
}

/** A field's id and the key of the words that say what is wrong with it. */
export interface DraftFault {
  field: string;
  key: string;
}

/** The longest text that an answer may have. */
export const LONGEST = { reason: 2_000, line: 200, phone: 40 };

export function faultsOf(draft: Draft, question: Question): DraftFault[] {
  const faults: DraftFault[] = [];
  const need = (bad: boolean, field: string, key: string): void => {
    if (bad) faults.push({ field, key });
  };
  if (question === 'reason') need(!draft.reason.trim(), 'reason', 'reason.empty');
  if (question === 'symptoms') need(draft.symptoms.length === 0, 'symptoms', 'symptoms.empty');
  if (question === 'duration') need(readNumber(draft.duration.value) === null, 'duration', 'duration.empty');
  if (question === 'location') {
    need(!draft.location.text.trim(), 'location-text', 'location.empty');
    need(!draft.location.city.trim(), 'location-city', 'location.city-empty');
  }
  if (question === 'contact') {
    need(!isPhone(draft.callback_number), 'callback', 'contact.callback-empty');
    need(!draft.emergency_contact.name.trim(), 'emergency-name', 'contact.name-empty');
    need(!isPhone(draft.emergency_contact.phone), 'emergency-phone', 'contact.phone-empty');
  }
  if (question === 'red-flags') need(draft.red_flags === null, 'red-flags', 'red-flags.empty');
  return faults;
}

/** The first question that still lacks an answer. */
export function firstOpen(draft: Draft): Question | null {
  return QUESTIONS.find((question) => faultsOf(draft, question).length > 0) ?? null;
}

export function isPhone(text: string): boolean {
  const digits = text.normalize('NFKC').replace(/[\s().+-]/g, '');
  return /^\d{3,20}$/.test(digits);
}

/** A whole number of hours, days, weeks or months, from 1 to 999. */
export function readNumber(text: string): number | null {
  const plain = text.normalize('NFKC').trim();
  return /^[1-9]\d{0,2}$/.test(plain) ? Number(plain) : null;
}

export function intakeOf(draft: Draft): Intake {
  const { emergency_contact: contact, location } = draft;
  return {
    reason: draft.reason.trim(),
    symptoms: draft.symptoms,
    duration: { value: readNumber(draft.duration.value) ?? 1, unit: draft.duration.unit },
    location: { text: location.text.trim(), city: location.city.trim() },
    callback_number: draft.callback_number.normalize('NFKC').trim(),
    emergency_contact: { name: contact.name.trim(), phone: contact.phone.normalize('NFKC').trim(), relation: contact.relation.trim() },
    red_flags: draft.red_flags ?? [],
  };
}

export function draftOf(visit: Pick<Visit, 'intake' | 'reason' | 'patient'>): Draft {
  const { intake } = visit;
  return {
    reason: intake?.reason ?? visit.reason ?? '',
    symptoms: intake?.symptoms ?? [],
    duration: { value: String(intake?.duration?.value ?? ''), unit: intake?.duration?.unit ?? 'd' },
    location: intake?.location ?? { text: '', city: '' },
    callback_number: intake?.callback_number ?? visit.patient.phone ?? '',
    emergency_contact: intake?.emergency_contact ?? { name: '', phone: '', relation: '' },
    red_flags: intake?.red_flags ?? null,
  };
}

/** Answers survive a reload in this tab's own storage and are gone with `forget` or with the tab. */
export function useDraft(visit: Visit): { draft: Draft; change(part: Partial<Draft>): void; forget(): void } {
  const key = `bianque.intake.${visit.id}`;
  const [draft, setDraft] = useState<Draft>(() => stored(key) ?? draftOf(visit));
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        const next = { ...before, ...part };
        sessionStorage.setItem(key, JSON.stringify(next));
        return next;
      }),
    [key],
  );
  const forget = useCallback(() => sessionStorage.removeItem(key), [key]);
  return { draft, change, forget };
}

function stored(key: string): Draft | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}
