/** Which systems are told in HL7 v2, as `/api/admin/destinations` has it, and the entries of the form in which it is said. */
import { localZone } from '../../../format';
import { type Language, currentLanguage } from '../../../i18n';
import { isZone } from '../../weeklyHours';
import { type Authority, fingerprintOf, isFingerprint, isHost, isPort, isSystem, portOf, tidied } from '../../peers/peers';

/** What a destination can be told: bookings, visits, signed notes, reports, referrals. */
export const EVENTS = ['SIU', 'ADT', 'MDM', 'ORU', 'REF'] as const;
export type Event = (typeof EVENTS)[number];

/** Versions of the standard in which messages can be written. */
export const VERSIONS = ['2.3.1', '2.4', '2.5', '2.5.1', '2.6'] as const;

export interface DestinationRules {
  name: string;
  /** A name or an address, without a scheme. */
  host: string;
  port: number;
  /** Without TLS, to another machine. */
  plain: boolean;
  /** SHA-256 of the certificate that it must show; empty: one that a known authority has signed. */
  certificate: string;
  /** MSH-5 and MSH-6. */
  application: string;
  facility: string;
  /** MSH-3 and MSH-4. */
  own_application: string;
  own_facility: string;
  /** Only visits of this institution; empty: all. */
  organization_id: string;
  events: Event[];
  /** A signed note goes as MDM^T02, or as ORU^R01 among reports. */
  notes: 'document' | 'result';
  /** Of the PDF of a note. */
  language: Language;
  version: (typeof VERSIONS)[number];
  charset: string;
  zone: string;
  authorities: Authority[];
}

/** How it goes with a destination. */
export interface DestinationState {
  paused: boolean;
  /** How many wait for it, and whether there are more than are counted. */
  waiting: number;
  waiting_many: boolean;
  /** Since when the first of them has waited. */
  oldest_at: string | null;
  /** Refused or not made, and seen to by nobody. */
  refused: number;
  /** When it answered last. */
  last_at: string | null;
  /** Tries in a row after which the message still waits, why the last failed, and when it is tried again. */
  failures: number;
  error: string | null;
  error_code: Cause | null;
  next_at: string | null;
}

/** Why a try failed. */
export const CAUSES = ['refused', 'unreachable', 'unknown-name', 'certificate', 'too-slow', 'broken', 'forbidden', 'bad-address'] as const;
export type Cause = (typeof CAUSES)[number];

export interface Destination extends DestinationRules {
  id: string;
  state: DestinationState;
}

/** What can be told apart: notes that go as results are told with reports. */
export function eventsWith(notes: DestinationRules['notes']): readonly Event[] {
  return notes === 'result' ? EVENTS.filter((event) => event !== 'MDM') : EVENTS;
}

/** Where they are asked for, below `/api`. */
export const DESTINATIONS_AT = '/admin/destinations';
export const DESTINATIONS_KEY = ['admin', 'destinations'] as const;

/** How it goes, in a word. */
export const STANDINGS = ['paused', 'failing', 'late', 'waiting', 'well', 'idle'] as const;
export type Standing = (typeof STANDINGS)[number];

/** What waits so long without a failure is late. */
const LATE_MS = 5 * 60_000;

export function standingOf(state: DestinationState, now: number): Standing {
  if (state.paused) return 'paused';
  if (state.failures > 0) return 'failing';
  if (state.waiting > 0) return state.oldest_at !== null && now - Date.parse(state.oldest_at) > LATE_MS ? 'late' : 'waiting';
  return state.last_at === null ? 'idle' : 'well';
}

const CALM_MS = 15_000;
const BUSY_MS = 5_000;

/** How soon to look again: sooner while something waits or is not answered. */
export function lookAgainMs(destinations: readonly Destination[] | undefined): number {
  const isBusy = destinations?.some(({ state }) => !state.paused && (state.waiting > 0 || state.failures > 0));
  return isBusy ? BUSY_MS : CALM_MS;
}

/** The form: the port is text. */
export interface Entries extends Omit<DestinationRules, 'port'> {
  port: string;
}

/** What a new destination begins with. */
export function newDestination(): DestinationRules {
  return {
    name: '',
    host: '',
    port: 2575,
    plain: false,
    certificate: '',
    application: '',
    facility: '',
    own_application: 'BIANQUE',
    own_facility: '',
    organization_id: '',
    events: [...EVENTS],
    notes: 'document',
    language: currentLanguage(),
    version: '2.5.1',
    charset: '',
    zone: localZone(),
    authorities: [],
  };
}

export function entriesOf(rules: DestinationRules): Entries {
  return { ...rules, port: String(rules.port) };
}

export function rulesOf(entries: Entries): DestinationRules {
  const { plain, organization_id, notes, language, version, charset } = entries;
  return {
    name: entries.name.trim(),
    host: entries.host.trim(),
    port: portOf(entries.port),
    plain,
    certificate: fingerprintOf(entries.certificate),
    application: entries.application.trim(),
    facility: entries.facility.trim(),
    own_application: entries.own_application.trim(),
    own_facility: entries.own_facility.trim(),
    organization_id,
    events: eventsWith(notes).filter((event) => entries.events.includes(event)),
    notes,
    language,
    version,
    charset,
    zone: entries.zone.trim(),
    authorities: tidied(entries.authorities),
  };
}

/** Notes go in another form, and to whom they were told they still are. */
export function withNotes(entries: Entries, notes: Entries['notes']): Pick<Entries, 'notes' | 'events'> {
  const [before, now] = notes === 'result' ? (['MDM', 'ORU'] as const) : (['ORU', 'MDM'] as const);
  const isAdded = entries.events.includes(before) && !entries.events.includes(now);
  return { notes, events: isAdded ? [...entries.events, now] : entries.events };
}

export type FieldWithFault = 'name' | 'host' | 'port' | 'certificate' | 'events' | 'own_application' | 'zone' | 'authorities';

/** What the server would not take, by field, in the order of the form. */
export function faultsOf(entries: Entries): Set<FieldWithFault> {
  const rules = rulesOf(entries);
  const faults = new Set<FieldWithFault>();
  if (rules.name === '') faults.add('name');
  if (!isHost(rules.host)) faults.add('host');
  if (!isPort(rules.port)) faults.add('port');
  if (!isFingerprint(rules.certificate)) faults.add('certificate');
  if (rules.events.length === 0) faults.add('events');
  if (rules.own_application === '') faults.add('own_application');
  if (!isZone(rules.zone)) faults.add('zone');
  if (rules.authorities.some(({ system }) => !isSystem(system))) faults.add('authorities');
  return faults;
}
