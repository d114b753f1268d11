import type { VisitSummary } from '../../api/messages';

export type GroupName = 'waiting' | 'progress' | 'booked' | 'finished' | 'cancelled';

export const groupOrder: GroupName[] = ['progress', 'waiting', 'booked', 'finished', 'cancelled'];

const groupOfState: Record<VisitSummary['state'], GroupName> = {
  arrived: 'waiting',
  'in-progress': 'progress',
  onleave: 'progress',
  planned: 'booked',
  finished: 'finished',
  cancelled: 'cancelled',
};

/** The day's visits under their headings; inside a heading the server's order (red flags, arrival, start) stays. */
export function grouped(visits: VisitSummary[]): { name: GroupName; visits: VisitSummary[] }[] {
  return groupOrder
    .map((name) => ({ name, visits: visits.filter((visit) => groupOfState[visit.state] === name) }))
    .filter((group) => group.visits.length > 0);
}

/** Whether a visit answers what was typed into the list's filter. */
export function matches(visit: VisitSummary, query: string): boolean {
  const words = query.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const { name, phone, identifiers, birth_date } = visit.patient;
  const text = [name, phone, birth_date, ...identifiers.map((identifier) => identifier.value), visit.practitioner?.name]
    .filter(Boolean)
    .join(' ')
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

export type DaySummary = { waiting: number; flagged: number; unsigned: number; longestMinutes: number };

export function summarise(visits: VisitSummary[], now: number): DaySummary {
  const waiting = visits.filter((visit) => visit.state === 'arrived');
  const waits = waiting.map((visit) => waitedSeconds(visit, now) / 60);
  return {
    waiting: waiting.length,
    flagged: waiting.filter((visit) => visit.red_flags.length > 0).length,
    unsigned: visits.filter((visit) => visit.state === 'finished' && !visit.signed).length,
    longestMinutes: Math.floor(Math.max(0, ...waits)),
  };
}

/** Seconds since the patient came into the waiting room, as the person waiting counts them. */
export function waitedSeconds(visit: VisitSummary, now: number): number {
  if (visit.arrived_at === null) return 0;
  return Math.max(0, (now - Date.parse(visit.arrived_at)) / 1000);
}
