export interface DateParts {
  day: string;
  month: string;
  year: string;
}

/** What is wrong with a date typed as three numbers; each code names the words to show. */
export type DateFault = 'empty' | 'incomplete' | 'not-a-date' | 'future' | 'too-old';

export type ReadDate = { ok: true; date: string } | { ok: false; fault: DateFault; field: keyof DateParts };

const OLDEST_YEAR = 1900;

/** Reads three typed numbers as `YYYY-MM-DD`. Full-width digits and spaces are as good as any. */
export function readDate(parts: DateParts, today: Date): ReadDate {
  const fields = ['day', 'month', 'year'] as const;
  const [day, month, year] = fields.map((field) => parts[field].normalize('NFKC').trim()) as [string, string, string];
  if (!day && !month && !year) return { ok: false, fault: 'empty', field: 'day' };
  const missing = fields.find((_, index) => ![day, month, year][index]);
  if (missing) return { ok: false, fault: 'incomplete', field: missing };
  if (!/^\d{1,2}$/.test(day)) return { ok: false, fault: 'not-a-date', field: 'day' };
  if (!/^\d{1,2}$/.test(month) || Number(month) < 1 || Number(month) > 12) return { ok: false, fault: 'not-a-date', field: 'month' };
  if (!/^\d{4}$/.test(year)) return { ok: false, fault: 'not-a-date', field: 'year' };
  if (Number(year) < OLDEST_YEAR) return { ok: false, fault: 'too-old', field: 'year' };
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCDate() !== Number(day)) return { ok: false, fault: 'not-a-date', field: 'day' };
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  // Whoever lives east of here may already have tomorrow: only what is past every zone's today is the future.
  if (date.getTime() > today.getTime() + 14 * 3_600_000) return { ok: false, fault: 'future', field: 'year' };
  return { ok: true, date: text };
}
