/** The patient's way in, by link, as docs/api.md has it. */
import type { Participant, Visit, VisitState } from './messages';
import type { GuestRole } from './people';

export interface JoinState {
  state: 'unused' | 'bound';
  expires_at: string;
  attempts_left: number;
}
/** HL7 v3 RoleCode: parent, guardian, spouse, child, another of the family, a friend. */
export type Relationship = 'PRN' | 'GUARD' | 'SPS' | 'CHILD' | 'FAMMEMB' | 'FRND';
export interface Proxy {
  name: string;
  relationship: Relationship;
}
export interface JoinInfo {
  visit_id: string;
  practitioner_name: string;
  organization_name: string;
  start: string;
  state: VisitState;
  bound: boolean;
  attempts_left: number;
  role: 'patient' | 'consultant' | GuestRole;
  /** Nobody new is let in now. */
  locked: boolean;
}
export interface Confirmed {
  csrf: string;
  visit: Visit;
}
export interface Me {
  csrf: string;
  participant: Participant;
  visit: Visit;
}
