import { readBirthDate } from './newPatient';

/** What was typed as the server reads it: a birth date in any of the ways that people write one becomes `YYYY-MM-DD`. */
export function asAsked(typed: string, today: Date): string {
  const words = typed.normalize('NFKC').trim().split(/\s+/);
  return words.map((word) => readBirthDate(word, today) ?? word).join(' ');
}
