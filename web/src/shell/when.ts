import { currentLanguage } from '../i18n';

/** Dates and times in the reader's language and own zone. */
export function formatDay(instant: string | Date): string {
  return format(instant, { weekday: 'long', day: 'numeric', month: 'long' });
}
export function formatTime(instant: string | Date): string {
  return format(instant, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
/** With the zone's name, for appointments that people keep from different places. */
export function formatTimeWithZone(instant: string | Date): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return '';
  // Chinese would say the zone before the time.
  const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(date);
  return `${formatTime(date)} ${zone.find(({ type }) => type === 'timeZoneName')?.value ?? ''}`.trim();
}
export function formatDayAndTime(instant: string | Date): string {
  return format(instant, { year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function format(instant: string | Date, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(instant);
  // A time that cannot be read must not take the page with it.
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(currentLanguage() === 'en' ? 'en-GB' : 'zh-CN', options).format(date);
}
