import type { WeeklyHours } from '../api/messages';

export type Day = WeeklyHours['day'];
export const DAYS: readonly Day[] = [1, 2, 3, 4, 5, 6, 7];

/** What is wrong with a span of hours, if anything: its words are under `schedules.bad`. */
export type HoursFault = 'time' | 'order' | 'overlap';

/** The fault of each span, in the order given. */
export function faultsOfHours(weekly: readonly WeeklyHours[]): (HoursFault | null)[] {
  return weekly.map((span, index) => {
    const from = minutesOf(span.from);
    const to = minutesOf(span.to);
    if (from === null || to === null) return 'time';
    if (to <= from) return 'order';
    const clashes = weekly.some((other, at) => {
      const start = minutesOf(other.from);
      const end = minutesOf(other.to);
      return at < index && other.day === span.day && start !== null && end !== null && start < to && from < end;
    });
    return clashes ? 'overlap' : null;
  });
}

/** Whole slots that fit into the week's hours. */
export function slotsPerWeek(weekly: readonly WeeklyHours[], slotMinutes: number): number {
  if (!(slotMinutes > 0)) return 0;
  return weekly.reduce((sum, span) => {
    const minutes = (minutesOf(span.to) ?? 0) - (minutesOf(span.from) ?? 0);
    return sum + Math.max(0, Math.floor(minutes / slotMinutes));
  }, 0);
}

/** Monday's hours on each day from Monday to Friday; the weekend stays. */
export function mondayToFriday(weekly: readonly WeeklyHours[]): WeeklyHours[] {
  const monday = weekly.filter((span) => span.day === 1);
  const weekend = weekly.filter((span) => span.day > 5);
  const working = ([1, 2, 3, 4, 5] as const).flatMap((day) => monday.map((span) => ({ ...span, day })));
  return [...working, ...weekend];
}

/** A span that follows what the day has already. */
export function nextSpan(weekly: readonly WeeklyHours[], day: Day): WeeklyHours {
  const last = Math.max(0, ...weekly.filter((span) => span.day === day).map((span) => minutesOf(span.to) ?? 0));
  if (last === 0) return { day, from: '09:00', to: '12:00' };
  const from = Math.min(last + 60, 22 * 60);
  return { day, from: clock(from), to: clock(Math.min(from + 180, 24 * 60 - 1)) };
}

export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name.trim() !== '';
  } catch {
    return false;
  }
}

function minutesOf(clockTime: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clockTime);
  return match ? Number(match[1]) * 60 + Number(match[2]) : null;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
