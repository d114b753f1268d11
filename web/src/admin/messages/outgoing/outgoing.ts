/** What `/api/admin/outgoing` speaks. */
import type { Flow } from '../flow';
import { filtering } from '../filters';
import type { Segment } from '../messages';

export const STATES = ['waiting', 'sent', 'refused', 'unmade', 'dropped'] as const;
export type OutgoingState = (typeof STATES)[number];

/** What a list can be asked for: `unsettled` is what was refused or not made, and nobody has seen to. */
export const ASKED_STATES = ['unsettled', ...STATES] as const;
export type AskedState = (typeof ASKED_STATES)[number];

/** A message in the list. It says nothing of the patient. */
export interface OutgoingLine {
  id: string;
  /** When it was made. */
  at: string;
  destination_id: string;
  /** Such as `ADT^A04`. */
  kind: string;
  /** MSH-10; may be empty where no message could be made. */
  control: string;
  /** `Type/id` of what it tells of. */
  about: string;
  state: OutgoingState;
  tries: number;
  sent_at?: string;
  /** MSA-1 of its acknowledgement. */
  answer?: string;
  /** What the other side said, why it could not be made, or why the last try failed. */
  error?: string;
  /** Why somebody dropped it. */
  reason?: string;
}

export interface OutgoingMessage extends OutgoingLine {
  segments: Segment[];
  /** `null`: no answer came. */
  answer_segments: Segment[] | null;
  patient_id: string;
}

export interface Outflow extends Pick<Flow, 'bucket_s' | 'buckets'> {
  waiting: number;
  refused: number;
}

export const OUTGOING_KEY = ['admin', 'outgoing'] as const;

export const OUTGOING = filtering(ASKED_STATES, 'destination');

/** Types of which messages tell and for which there are words. */
const TYPES = ['Appointment', 'Composition', 'DiagnosticReport', 'Encounter', 'ServiceRequest'] as const;

/** What a message tells of: the type where there are words for it, and its id. */
export function aboutOf(about: string): { type: (typeof TYPES)[number] | null; id: string } {
  const [name = '', id = ''] = about.split('/', 2);
  const type = TYPES.find((one) => one === name) ?? null;
  return type === null ? { type, id: about } : { type, id };
}

/** What is under way goes by itself. */
export function isResendable({ state }: OutgoingLine): boolean {
  return state !== 'waiting';
}

/** Somebody should see to it. */
export function isUnsettled({ state }: OutgoingLine): boolean {
  return state === 'refused' || state === 'unmade';
}

export function isDroppable({ state }: OutgoingLine): boolean {
  return state !== 'sent' && state !== 'dropped';
}

/** How it went to send them again: those that go, and those that could not be made this time either. */
export function outcomeOf(lines: readonly OutgoingLine[]): { going: number; unmade: number } {
  const unmade = lines.filter(({ state }) => state === 'unmade').length;
  return { going: lines.length - unmade, unmade };
}

/** What the code of an acknowledgement says (table 0008). */
export function verdictOf(answer: string): 'accepted' | 'error' | 'rejected' | null {
  const [, verdict] = /^[AC]([AER])$/.exec(answer) ?? [];
  if (verdict === 'A') return 'accepted';
  if (verdict === 'E') return 'error';
  return verdict === 'R' ? 'rejected' : null;
}
