/** The people of a visit: guests by link, who is heard by whom, what happened among them. */
import type { Relationship } from './wayIn';

/** Who comes by a link of their own and reads nothing of the record. */
export type GuestRole = 'family' | 'interpreter' | 'observer';
export type GuestState = 'invited' | 'waiting' | 'admitted' | 'turned-away' | 'removed' | 'taken-back';
export interface Guest {
  id: string;
  name: string;
  role: GuestRole;
  relationship: Relationship | null;
  /** Of an interpreter, BCP 47. */
  languages: string[];
  by_patient: boolean;
  state: GuestState;
  since: string;
  present: boolean;
  /** Of an observer: what the patient said; `null` while they have said nothing, and of others. */
  allowed: boolean | null;
}
/** The guest that this page is. */
export interface OwnGuest extends Pick<Guest, 'id' | 'name' | 'role' | 'languages' | 'state'> {
  awaits_patient: boolean;
}
/** By the clinician's word: `asked` may turn their microphone on again. */
export type Silence = 'muted' | 'asked';
export type PeopleDeed =
  | 'invited'
  | 'taken-back'
  | 'waits'
  | 'admitted'
  | 'turned-away'
  | 'removed'
  | 'left'
  | 'allowed'
  | 'refused'
  | 'muted'
  | 'asked'
  | 'unmuted'
  | 'locked'
  | 'unlocked'
  | 'hears';
export interface PeopleLine {
  at: string;
  what: PeopleDeed;
  person: string;
  name: string;
  by: string;
  language: string | null;
}
