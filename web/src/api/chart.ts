import type { Disposition, PatientSummary, Photo, VisitState } from './messages';

/** What every entry that is kept by hand has. `null`: the record does not say. */
export interface Entry {
  id: string;
  /** The type of the resource, such as `Condition`. */
  resource: string;
  /** By which a change says what it was made on. */
  version: number;
  text: string;
  code: string | null;
  system: string | null;
  display: string | null;
  note: string | null;
}
export interface AllergyEntry extends Entry {
  /** That the patient was asked and knows of none. */
  none_known: boolean;
  clinical: string | null;
  verification: string | null;
  criticality: string | null;
  type: string | null;
  category: string[];
  reactions: { text: string; severity: string | null }[];
  recorded_at: string | null;
  recorder: string | null;
}
export interface ProblemEntry extends Entry {
  status: string | null;
  verification: string | null;
  severity: string;
  onset: string | null;
  abatement: string | null;
  recorded_at: string | null;
  recorder: string | null;
}
export interface MedicationEntry extends Entry {
  /** What was ordered, or what the patient is said to take. */
  kind: 'request' | 'statement';
  status: string;
  dosage: string | null;
  from: string | null;
  to: string | null;
  authored_at: string | null;
  by: string | null;
  reason: string;
  draft: boolean;
}
/** One value of an observation. */
export interface Measured {
  id: string;
  observation_id: string;
  version: number;
  code: string | null;
  system: string | null;
  text: string;
  /** What it is a part of, as the systolic value is one of a blood pressure. */
  panel: { code: string | null; text: string } | null;
  value: number | string | boolean | null;
  comparator: string | null;
  /** As it was sent. */
  unit: string | null;
  /** The unit, where it is one of UCUM: only then can values be compared. */
  ucum: string | null;
  range: { low: number | null; high: number | null; text: string | null } | null;
  flags: { code: string | null; text: string }[];
  category: (string | null)[];
  /** Why there is no value. */
  absent: string;
  status: string;
  note: string | null;
  at: string | null;
  visit_id: string;
}
export interface Report {
  id: string;
  version: number;
  text: string;
  code: string | null;
  status: string;
  category: string[];
  at: string | null;
  issued: string | null;
  conclusion: string | null;
  by: string | null;
  /** Ids of its observations. */
  results: string[];
  visit_id: string;
}
export interface DocumentEntry {
  id: string;
  version: number;
  text: string | null;
  kind: string;
  at: string | null;
  status: string;
  by: string | null;
  contents: { title: string | null; content_type: string | null; size: number | null; url: string | null }[];
  visit_id: string;
}
export interface ChartVisit {
  id: string;
  /** One of this server's own, that can be opened. */
  held: boolean;
  start: string | null;
  state: VisitState;
  reason: string | null;
  practitioner: string | null;
  disposition: Disposition | null;
  signed: boolean;
}
export interface ChartNote {
  id: string;
  visit_id: string;
  title: string;
  signed_at: string;
  author: string;
  kind: 'note' | 'addendum' | 'opinion';
}
export interface Chart {
  patient: PatientSummary;
  allergies: AllergyEntry[];
  conditions: ProblemEntry[];
  medications: MedicationEntry[];
  observations: Measured[];
  reports: Report[];
  documents: DocumentEntry[];
  visits: ChartVisit[];
  photos: Photo[];
  notes: ChartNote[];
  /** Types of which only the newest entries are here. */
  partial: string[];
  /** Changes whenever anything in the chart does; signing names the version that was seen. */
  version: string;
}

/** One version of an entry. */
export interface EntryVersion {
  version: number;
  at: string;
  /** Who wrote it; `null` where the audit does not say, as of what came with an import. */
  by: {
    name: string | null;
    kind: string;
    application: string | null;
    organization: string | null;
    operation: string;
  } | null;
  /** The whole resource; `null`: it was deleted. */
  resource: Record<string, unknown> | null;
}
