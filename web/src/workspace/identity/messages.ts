import type { Identifier, PatientSummary } from '../../api/messages';

/** A record at the desk of the record office. */
export interface IdentitySide extends Omit<PatientSummary, 'identifiers'> {
  identifiers: (Identifier & { authority: string })[];
  addresses: string[];
  contacts: string[];
  links: { type: string; patient_id: string }[];
  open_visits: number;
  updated_at: string;
}
export type IdentityPart = 'identifier' | 'name' | 'birth_date' | 'sex' | 'contact' | 'postal_code';
export interface IdentityPair {
  id: string;
  why: 'conflict' | 'stated' | 'duplicate';
  hundredths: number;
  found_at: string;
  parts: { part: IdentityPart; agreement: 'same' | 'partly' | 'different' | 'unknown' }[];
  one: IdentitySide;
  other: IdentitySide;
}
/** Somebody who was not taken in, because their identifier is another's. */
export interface RefusedIdentifier {
  id: string;
  patient: IdentitySide;
  identifier: Identifier & { authority: string };
  name: string;
  birth_date: string;
  at: string;
}
export interface IdentityPairs {
  pairs: IdentityPair[];
  refused: RefusedIdentifier[];
  next: string | null;
}
export interface PatientMerge {
  id: string;
  merged: PatientSummary;
  survivor: PatientSummary;
  reason: string;
  by: string;
  at: string;
  undone: { reason: string; by: string; at: string } | null;
}
