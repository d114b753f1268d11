import type { NewPatient, Sex } from '../../api/messages';

export interface PatientEntries {
  name: string;
  birthDate: string;
  sex: Sex | null;
  phone: string;
  system: string;
  identifier: string;
  language: 'zh-CN' | 'en';
}

export type PatientFault = 'required' | 'badDate' | 'badPhone';
export type PatientFaults = Partial<Record<'name' | 'birthDate' | 'sex' | 'phone', PatientFault>>;

/** Kinds of identifier, each with the name of its assigning authority. */
export const SYSTEMS: Record<string, string> = {
  mrn: 'urn:bianque:record-number',
  resident: 'urn:oid:2.16.156.10011.1.3',
  passport: 'urn:bianque:passport',
};

/** What must be put right before the patient can be added. */
export function faultsOfPatient(entries: PatientEntries, today: Date): PatientFaults {
  const faults: PatientFaults = {};
  if (entries.name.trim() === '') faults.name = 'required';
  if (entries.birthDate.trim() === '') faults.birthDate = 'required';
  else if (readBirthDate(entries.birthDate, today) === null) faults.birthDate = 'badDate';
  if (entries.sex === null) faults.sex = 'required';
  const phone = entries.phone.normalize('NFKC').trim();
  if (phone === '') faults.phone = 'required';
  else if (!/^\+?[\d\s()-]{5,24}$/.test(phone)) faults.phone = 'badPhone';
  return faults;
}

export function patientOf(entries: PatientEntries, today: Date): NewPatient {
  const value = entries.identifier.normalize('NFKC').trim();
  return {
    name: entries.name.trim(),
    birth_date: readBirthDate(entries.birthDate, today) ?? '',
    sex: entries.sex ?? 'unknown',
    phone: entries.phone.normalize('NFKC').trim(),
    language: entries.language,
    ...(value && { identifier: { system: SYSTEMS[entries.system] ?? entries.system, value } }),
  };
}

/** Reads `1968-04-09`, `19680409`, `1968/4/9` or `1968年4月9日` as a date that is not in the future. */
export function readBirthDate(text: string, today: Date): string | null {
  const plain = text.normalize('NFKC').trim();
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(plain) ?? /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain);
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(year, month - 1, day);
  const real = date.getFullYear() === year && date.getMonth() === month - 1 && date.getDate() === day;
  if (!real || year < 1900 || date > today) return null;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
