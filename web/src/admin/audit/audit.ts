/** What `/api/admin/audit` speaks, as docs/api.md has it. */
import { shiftDay } from '../../format';

export type AuditAction = 'C' | 'R' | 'U' | 'D' | 'E';
export const ACTIONS: readonly AuditAction[] = ['R', 'C', 'U', 'D', 'E'];

export interface AuditRow {
  sequence: number;
  at: string;
  action: AuditAction;
  operation: string;
  /** Whether it was allowed and done. */
  done: boolean;
  who: { agent: string; kind: string; name: string | null };
  application: { agent: string; name: string | null } | null;
  organization: string | null;
  purpose: string;
  address: string;
  request: string;
  patients: string[];
  entity: string;
  detail: string;
  /** Why, where a record was opened in an emergency. */
  reason: string | null;
}

export interface AuditPage {
  rows: AuditRow[];
  next: { before: string; at: string } | null;
}

export interface AuditState {
  at: string;
  chains: { chain: 'writes' | 'reads'; rows: number; head: string; checkpoint: string }[];
  verified: { at: string; sound: boolean; rows: number; checkpoints: number } | null;
  export: { waiting: number; sent_at: string | null; failed_since: string | null } | null;
}

/** What the list is narrowed by; empty: by nothing. */
export interface Filter {
  /** First and last day, `YYYY-MM-DD`. */
  from: string;
  to: string;
  who: string;
  patient: string;
  area: string;
  action: AuditAction | '';
  outcome: 'done' | 'refused' | '';
  emergency: boolean;
}

export const NO_FILTER: Filter = { from: '', to: '', who: '', patient: '', area: '', action: '', outcome: '', emergency: false };

/** What operations are about: their first part, each with words. */
export const AREAS = [
  'application',
  'audit',
  'chart',
  'consent-text',
  'consult',
  'day-pack',
  'emergency',
  'factor',
  'fhir',
  'hl7v2',
  'hold',
  'keys',
  'link',
  'message',
  'note',
  'opinion',
  'organization',
  'password',
  'patient',
  'peer',
  'photo',
  'plan',
  'price',
  'provider',
  'record',
  'retention',
  'schedule',
  'sender',
  'session',
  'sign-in',
  'token',
  'user',
  'visit',
] as const;

/** The area of an operation, where it has words. */
export function areaOf(operation: string): string {
  const [area = ''] = operation.split('.');
  return (AREAS as readonly string[]).includes(area) ? area : 'other';
}

export function isFiltered(filter: Filter): boolean {
  return JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
}

/** The filter as the server takes it: days of this reader's zone become instants, the last one included. */
export function asked(filter: Filter): Record<string, string | boolean> {
  const start = (day: string): string => new Date(`${day}T00:00:00`).toISOString();
  return {
    ...(filter.from && { from: start(filter.from) }),
    ...(filter.to && { to: start(shiftDay(filter.to, 1)) }),
    ...(filter.who && { who: filter.who }),
    ...(filter.patient && { patient: filter.patient }),
    ...(filter.area && { operation: `${filter.area}.` }),
    ...(filter.action && { action: filter.action }),
    ...(filter.outcome && { outcome: filter.outcome }),
    ...(filter.emergency && { emergency: true }),
  };
}

/** The same as the query of an address, with the page that is wanted. */
export function queryOf(filter: Filter, before: string | null): string {
  const parameters = new URLSearchParams(Object.entries(asked(filter)).map(([name, value]) => [name, String(value)]));
  if (before !== null) parameters.set('before', before);
  const text = parameters.toString();
  return text && `?${text}`;
}
