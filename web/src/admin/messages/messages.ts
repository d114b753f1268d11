/** What `/api/admin/messages` speaks. */
import { filtering } from './filters';

export type MessageState = 'applied' | 'failed' | 'settled';
export const STATES: readonly MessageState[] = ['failed', 'applied', 'settled'];

/** Something of a message that is wrong or was left out: where it stands, its number in table 0357, and words. */
export interface Fault {
  at: string;
  code: number;
  text: string;
}

/** A message in the list. It says nothing of the patient. */
export interface MessageLine {
  id: string;
  at: string;
  sender_id: string;
  /** Such as `ADT^A08`. */
  kind: string;
  /** MSH-10. */
  control: string;
  state: MessageState;
  /** Another message of this sender had the number before, and said something else. */
  reused_control: boolean;
  tries: number;
  /** How many parts were left out, where it was applied. */
  left_count?: number;
  /** Why it could not be applied. */
  fault?: Fault;
  /** Why it is left as it is. */
  settled?: string;
}

export interface MessagesAnswer {
  messages: MessageLine[];
  next: string | null;
  failed: number;
}

export interface Segment {
  name: string;
  /** The first is field 1. */
  fields: string[];
}

export interface MessageAnswer extends MessageLine {
  segments: Segment[];
  resources: { name: string; resource: Record<string, unknown> }[];
  /** Why there are no resources. */
  unmapped: string | null;
  /** `Type/id` of what was written. */
  wrote?: string[];
  left?: Fault[];
}

export const MESSAGES_KEY = ['admin', 'messages'] as const;

/** The server counts those that wait up to here. */
export const COUNTED = 200;
/** And takes so many to be tried again in one request. */
export const MOST_AT_ONCE = 200;

/** Characters of one text that are shown at once: a field can hold a whole document. */
export const AT_ONCE = 600;

/** A resource as it is written down, without the rest of texts that are longer. */
export function writtenDown(resource: Record<string, unknown>): string {
  const cut = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > AT_ONCE ? `${value.slice(0, AT_ONCE)}… (+${value.length - AT_ONCE})` : value;
  return JSON.stringify(resource, cut, 2);
}

export const INCOMING = filtering(STATES, 'sender');

/** Ids in requests of a size that the server takes, oldest first: ids are in the order in which messages came. */
export function inRequests(ids: readonly string[], most = MOST_AT_ONCE): string[][] {
  const sorted = [...ids].sort();
  return Array.from({ length: Math.ceil(sorted.length / most) }, (_, at) => sorted.slice(at * most, (at + 1) * most));
}

/** How messages did that were tried again. */
export function outcomeOf(tried: readonly MessageLine[]): { applied: number; failed: number } {
  const applied = tried.filter(({ state }) => state === 'applied').length;
  return { applied, failed: tried.length - applied };
}
