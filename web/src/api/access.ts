/** Who read a record, and records that were opened in an emergency, as docs/api.md has it. */

/** One entry of "who has read my record". */
export interface RecordAccess {
  at: string;
  who: string | null;
  kind: 'clinician' | 'patient' | 'proxy' | 'administrator' | 'program' | 'server';
  organization: string | null;
  /** The application that did it, for them or for itself; none: they did it themself. */
  application?: string | null;
  what: 'read' | 'changed' | 'deleted' | 'used';
  /** What was done, as the audit names it, such as `chart.read`. */
  operation: string;
  /** Of the v3 ActReason codes; `BTG` is an emergency. */
  purpose: string;
  /** What was given for opening the record in an emergency. */
  reason: string | null;
}
export interface RecordAccesses {
  accesses: RecordAccess[];
  /** The `before` of the next page; `null` on the last. */
  next: number | null;
}
/** What opening a record in an emergency answers with. */
export interface OpenedEmergency {
  patient_id: string;
  until: string;
}
export interface EmergencyAccess {
  id: string;
  patient_id: string;
  name: string;
  organization_id: string;
  reason: string;
  at: string;
  until: string;
}
