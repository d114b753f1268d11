/** The shapes of docs/api.md, named as they are there. Instants are RFC 3339 in UTC, dates `YYYY-MM-DD`. */

export * from './access';
export * from './administration';
export * from './applications';
export * from './frames';
export * from './identity';
export * from './people';
export * from './quality';
export * from './rungs';
export * from './wayIn';
import type { MediaState } from './frames';
import type { Guest, GuestRole, OwnGuest, Silence } from './people';
import type { QualityStep, Rung, WayReport } from './rungs';
import type { JoinState, Proxy } from './wayIn';

export interface Names {
  en: string;
  zh: string;
}
export interface Money {
  amount: number;
  currency: string;
}
export interface Ref {
  id: string;
  name: string;
}
export interface Identifier {
  system: string;
  value: string;
}

// Session and set-up

/** What an account can be; one account is one of them. */
export type Role = 'clinician' | 'specialist' | 'reporter' | 'front-desk' | 'supervisor' | 'administrator';
export interface SessionUser {
  id: string;
  name: string;
  login: string;
  role: Role;
  practitioner_id: string | null;
  registration: string | null;
  organization: Ref | null;
}
export interface Session {
  user: SessionUser;
  csrf: string;
  expires_at: string;
  idle_seconds: number;
  /** A second factor has to be set up before anything else. */
  factor_needed: boolean;
  /** The tenant whose machine this is; the health of it is shown to no other. */
  first_tenant: boolean;
  /** The identity provider at which the session began, where one signs out as well. */
  provider: { name: Names } | null;
}
export interface SessionAnswer {
  session: Session | null;
  setup_needed: boolean;
  demo: boolean;
  version: string;
  /** The address at which passkeys work; `null` where they cannot. */
  passkey_address: string | null;
  /** Identity providers that people sign in by. */
  providers: { id: string; name: Names }[];
}
export interface DemoPerson {
  key: string;
  name: string;
  role: Role;
  organization: string;
}

export interface DemoPeopleAnswer {
  people: DemoPerson[];
  /** What the people of the demonstration sign with; drawn when it was made. */
  password: string | null;
}

// Patients and the directory

export type Sex = 'male' | 'female' | 'other' | 'unknown';
export interface PatientSummary {
  id: string;
  name: string;
  birth_date: string;
  sex: Sex;
  phone: string | null;
  identifiers: Identifier[];
  organization: Ref;
  language: string;
}
export interface NewPatient {
  name: string;
  birth_date: string;
  sex: Sex;
  phone: string;
  identifier?: Identifier;
  language: string;
}
export type { Chart } from './chart';
export interface VisitType {
  code: string;
  name: Names;
  price: Money;
  minutes: number;
}
export interface PractitionerEntry {
  id: string;
  name: string;
  title: string | null;
  role: Role;
  organization: Ref;
}
export interface Slot {
  start: string;
  end: string;
  free: boolean;
}
export interface Term {
  system: string;
  code: string;
  display: Names;
}

// Visits

export type VisitState = 'planned' | 'arrived' | 'in-progress' | 'onleave' | 'finished' | 'cancelled';
export type NextStep = 'device' | 'consent' | 'intake' | 'waiting' | 'call' | 'ended' | 'plan';
export type RedFlag =
  | 'chest-pain'
  | 'breathing'
  | 'stroke'
  | 'bleeding'
  | 'consciousness'
  | 'suicide'
  | 'pregnancy'
  | 'anaphylaxis';
export type Disposition = 'self-care' | 'clinic' | 'hospital' | 'emergency' | 'unsuitable';
export type PersonRole = 'patient' | 'clinician' | 'consultant' | GuestRole;

export interface VisitSummary {
  id: string;
  state: VisitState;
  start: string;
  end: string;
  patient: PatientSummary;
  practitioner: Ref;
  visit_type: { code: string; name: Names };
  reason: string | null;
  red_flags: RedFlag[];
  queue_place: number | null;
  arrived_at: string | null;
  signed: boolean;
  present: boolean;
  /** In what those get who arrange visits. */
  join?: JoinState | null;
}
export interface Visit extends Omit<VisitSummary, 'practitioner'> {
  organization: { id: string; name: string; phone: string | null };
  practitioner: { id: string; name: string; title: string | null; registration: string | null };
  walk_in: boolean;
  admitted_at: string | null;
  ended_at: string | null;
  ended_reason: string | null;
  first_media_at: string | null;
  consent: Consent | null;
  /** Who came in by the patient's link for the patient; `null`: the patient. */
  proxy: Proxy | null;
  intake: Intake | null;
  device_check: DeviceCheck | null;
  participants: Participant[];
  /** The languages that interpreters who are in bring. */
  languages: string[];
  /** Nobody new comes in. */
  locked: boolean;
  /** In what the clinician and the patient get. */
  guests?: Guest[];
  invitations: Invitation[];
  photos: Photo[];
  /** The newest, if anybody has asked to record. */
  recording?: Recording | null;
  note_version: number | null;
  chart_version: string | null;
  plan_ready: boolean;
  plan_confirmed_at: string | null;
  steps: ('device' | 'consent' | 'intake' | 'waiting' | 'call' | 'plan')[];
  next: NextStep;
}
/** A visit as a guest gets it: with whom, when, how far they are, and who is there once they are in. */
export interface GuestVisit extends Pick<Visit, 'id' | 'state' | 'start' | 'end' | 'organization' | 'participants' | 'languages' | 'locked' | 'recording'> {
  practitioner: { id: string; name: string; title: string | null };
  guest: OwnGuest;
  next: 'welcome' | 'lobby' | 'call';
}
/** A visit as the front desk gets it: nothing of what is said or written. */
export interface DeskVisit extends VisitSummary {
  join: JoinState;
}
export interface Participant {
  id: string;
  name: string;
  role: PersonRole;
  organization: string | null;
  present: boolean;
  media: 'none' | 'connecting' | 'connected' | 'sound';
  /** What the participant's device says; empty or absent while unknown. */
  camera?: MediaState | '';
  microphone?: MediaState | '';
  /** By the clinician's word; `null`: everybody hears them. */
  silenced?: Silence | null;
  /** By what their call runs, where their page has said so. */
  way?: Rung | null;
  /** The language that they hear; `null`: the original. */
  hears?: string | null;
  /** The language that an interpreter speaks into; `null`: to all. */
  speaks?: string | null;
  /** Those of an interpreter. */
  languages?: string[];
}
export interface Consent {
  version: string;
  language: string;
  agreed: boolean;
  by: 'patient' | 'guardian';
  name: string;
  at: string;
}
export interface ConsentText {
  version: string;
  text: Names;
}
export type DeviceState = 'ok' | 'denied' | 'missing' | 'busy';
export interface DeviceCheck {
  camera: DeviceState;
  microphone: DeviceState;
  speaker: boolean;
  down_mbps: number | null;
  up_mbps: number | null;
  rtt_ms: number | null;
  jitter_ms: number | null;
  browser: string;
  ways: WayReport[];
}
export type DurationUnit = 'h' | 'd' | 'wk' | 'mo';
export interface Intake {
  reason: string;
  symptoms: string[];
  duration: { value: number; unit: DurationUnit } | null;
  location: { text: string; city: string };
  callback_number: string;
  emergency_contact: { name: string; phone: string; relation: string };
  red_flags: RedFlag[];
  notes?: string | null;
}
export interface Vital {
  id: string;
  code: string;
  text: Names;
  value: number;
  value2: number | null;
  unit: string;
  at: string;
  by: string;
}
export interface Signature {
  by: string;
  at: string;
  hash: string;
  jws?: string;
}
export interface Diagnosis {
  system: string;
  code: string;
  display: string;
  verification: 'provisional' | 'confirmed';
}
export interface Prescription {
  medication: string;
  dose: string;
  frequency: string;
  days: number | null;
  instructions: string;
}
export interface Addendum {
  text: string;
  by: string;
  at: string;
  hash: string;
}
export interface Note {
  /** The version it was read at; 0 for a new one. */
  version: number;
  saved_at: string | null;
  signed: Signature | null;
  subjective: string;
  objective: string;
  assessment: string;
  plan: string;
  diagnoses: Diagnosis[];
  prescriptions: Prescription[];
  disposition: Disposition | null;
  go_to_hospital_if: string;
  follow_up: string;
  self_care: string;
  addenda: Addendum[];
}
export interface ChartChange {
  /** The type of the resource. */
  kind: string;
  id: string;
  /** It was not there before. */
  new: boolean;
  text: string;
  at: string;
}
export interface Plan {
  visit_id: string;
  patient_name: string;
  practitioner: { name: string; registration: string | null };
  organization: string;
  date: string;
  diagnoses: Diagnosis[];
  self_care: string;
  plan: string;
  prescriptions: Prescription[];
  disposition: Disposition;
  go_to_hospital_if: string;
  follow_up: string;
  signed_at: string;
  hash: string;
  confirmed_at: string | null;
  opinions: { by: string; organization: string; text: string; signed_at: string }[];
  addenda: Addendum[];
  readable_until: string;
}
export type BodySite =
  | 'skin'
  | 'face'
  | 'eye'
  | 'mouth'
  | 'throat'
  | 'chest'
  | 'abdomen'
  | 'back'
  | 'arm'
  | 'hand'
  | 'leg'
  | 'foot'
  | 'wound'
  | 'document'
  | 'other';
export type Side = 'left' | 'right' | 'both' | 'none';
export interface Photo {
  id: string;
  visit_id: string;
  by: string;
  at: string;
  content_type: string;
  size: number;
  width: number | null;
  height: number | null;
  body_site: BodySite;
  side: Side;
  preview: boolean;
  preview_url: string | null;
  original_url: string;
  state: 'ready';
}
export interface Upload {
  id: string;
  offset: number;
  size: number;
}
export interface Chat {
  id: string;
  by: { id: string; name: string; role: PersonRole };
  /** Empty for a voice message. */
  text: string;
  clip?: Clip | null;
  at: string;
}
export interface Clip {
  content_type: string;
  size: number;
  duration_ms: number;
  url: string;
}
export type RecordingState = 'asked' | 'running' | 'paused' | 'declined' | 'composing' | 'ready' | 'failed' | 'empty' | 'deleted';
export interface Recording {
  id: string;
  state: RecordingState;
  asked_by: { id: string; name: string | null };
  asked_at: string;
  /** The last answer of everybody who answered. */
  answers: { participant: string; name: string; role: PersonRole; agreed: boolean; by: 'self' | 'guardian'; at: string }[];
  spans: { from: string; to: string | null }[];
  ended: { at: string; why: string; by: string | null } | null;
  /** For clinicians of the visit, once it is ready. */
  files?: RecordingFile[];
  download_url?: string;
}
export interface RecordingFile {
  participant: string;
  name: string;
  role: PersonRole;
  shows: 'person' | 'screen';
  pictures: boolean;
  size: number;
  length_ms: number;
  url: string;
}
export interface Recordings {
  /** What people agree to. */
  text: { version: string; en: string; zh: string };
  recordings: Recording[];
}
export interface Invitation {
  id: string;
  name: string;
  organization: Ref;
  question: string;
  state: 'open' | 'joined' | 'signed' | 'over';
  /** Somebody with an account here, who finds the question in their list and has no link. */
  has_account: boolean;
  expires_at: string;
}
/** A question that was put to who signs in. */
export interface Consult {
  visit: VisitSummary;
  invitation: Invitation;
  /** The visit can still be read. */
  open: boolean;
}
export interface Opinion {
  text: string;
  version: number;
  signed_at: string | null;
  by: string;
  organization: string;
}
export interface Figure {
  value: number;
  unit: string;
  source?: string;
  windows?: number;
}
export interface QualityWindow {
  from: string;
  to: string;
  connected: boolean;
  t_mbps: number | null;
  rtt_ms: number | null;
  loss: number | null;
  mos: number | null;
  participant: string;
  /** What carried it, where the server measured it. */
  transport?: Rung | null;
}
export interface Quality {
  t: Figure | null;
  c: Figure | null;
  d: Figure | null;
  r: Figure | null;
  r_ref: Figure | null;
  not_computed: string[];
  mos: { value: number; worst: number } | null;
  freeze_ratio: number | null;
  goodput_up_mbps: number | null;
  goodput_down_mbps: number | null;
  method_version: string;
  windows: QualityWindow[];
  /** Steps on the ladder of the call, in the order of time. */
  steps?: QualityStep[];
}
