/** What administrators manage, as docs/api.md has it. */
import type { Money, Names, Ref, Role } from './messages';

export interface User {
  id: string;
  name: string;
  login: string;
  role: Role;
  title: string | null;
  registration: string | null;
  practitioner_id: string | null;
  organization: Ref | null;
  active: boolean;
  created_at: string;
  last_seen_at: string | null;
  /** In the list of users only. */
  second_factor?: boolean;
}
export type OrganizationKind = 'clinic' | 'hospital';
export interface Organization {
  id: string;
  name: string;
  city: string;
  phone: string;
  kind: OrganizationKind;
}
export interface WeeklyHours {
  day: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  from: string;
  to: string;
}
export interface Schedule {
  practitioner: Ref;
  organization: Ref;
  weekly: WeeklyHours[];
  slot_minutes: number;
  zone: string;
  active: boolean;
}
export interface Price {
  code: string;
  name: Names;
  price: Money;
  cost: Money | null;
  reference_cost: Money | null;
  minutes: number;
  active: boolean;
}
