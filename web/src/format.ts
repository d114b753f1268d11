import type { Money } from './api/messages';
import { currentLanguage } from './i18n';

/** Everything that is written with digits, in the reader's language. Instants are shown in the reader's time zone. */

export function formatTime(instant: string | number | Date): string {
  return of({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(instant));
}

export function formatTimeWithSeconds(instant: string | number | Date): string {
  return of({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(instant));
}

/** A short date; the year only when it is not this one. */
export function formatDay(instant: string | number | Date, now: Date = new Date()): string {
  const date = new Date(instant);
  const year = date.getFullYear() === now.getFullYear() ? undefined : ('numeric' as const);
  return of({ day: 'numeric', month: 'short', year }).format(date);
}

export function formatWeekday(instant: string | number | Date): string {
  return of({ weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(instant));
}

export function formatDayTime(instant: string | number | Date): string {
  return `${formatDay(instant)} ${formatTime(instant)}`;
}

/** A date without a time, such as a birth date, unchanged by any time zone; of an instant, its day here. */
export function formatDate(date: string): string {
  if (date.includes('T')) return of({ year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(date));
  const [year, month, day] = date.split('-').map(Number);
  if (!year) return date;
  const parts: Intl.DateTimeFormatOptions = { year: 'numeric' };
  if (month) parts.month = 'short';
  if (day) parts.day = 'numeric';
  return of(parts).format(new Date(year, (month ?? 1) - 1, day ?? 1));
}

export function formatMoney(money: Money): string {
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: Number.isInteger(money.amount) ? 0 : 2,
  }).format(money.amount);
}

/** Three significant digits, as every measured figure is shown. */
export function formatFigure(value: number): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumSignificantDigits: 3 }).format(value);
}

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: digits }).format(value);
}

export function formatSize(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
  return new Intl.NumberFormat(currentLanguage(), { style: 'unit', unit, maximumFractionDigits: 1 }).format(value);
}

/** Today as `YYYY-MM-DD` where the reader is. */
export function localDay(date: Date = new Date()): string {
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

export function shiftDay(day: string, by: number): string {
  const date = new Date(`${day}T12:00`);
  date.setDate(date.getDate() + by);
  return localDay(date);
}

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const made = new Map<string, Intl.DateTimeFormat>();

function of(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = currentLanguage() + JSON.stringify(options);
  const known = made.get(key) ?? new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : 'zh-CN', options);
  made.set(key, known);
  return known;
}
