/** Who exchanges images over DICOM, as `/api/admin/peers` has it, and the entries of the form in which it is said. */
import {
  type Authority,
  type Risk,
  fingerprintOf,
  isAddress,
  isFingerprint,
  isHost,
  isPort,
  isSystem,
  listed,
  portOf,
  risksOfComing,
  tidied,
} from '../peers/peers';

/** What a peer can be let do: C-STORE, C-FIND, C-GET with C-MOVE, and Modality Worklist. */
export const RIGHTS = ['store', 'query', 'retrieve', 'worklist'] as const;
export type Right = (typeof RIGHTS)[number];

export interface DicomPeerRules extends Record<Right, boolean> {
  name: string;
  /** AE title; empty: whoever no other peer is. */
  title: string;
  /** Whose patients it works with; empty: all. */
  organization_id: string;
  /** By Issuer of Patient ID (0010,0021). */
  authorities: Authority[];
  /** Images of a patient whom nobody knows make one. */
  makes_patients: boolean;
  addresses: string[];
  /** SHA-256, hexadecimal; empty: none is asked for. */
  certificate: string;
  /** Without TLS, both ways. */
  plain: boolean;
  /** Where images are sent to; empty: nowhere. */
  host: string;
  /** 0: none. */
  port: number;
}

export interface DicomPeer extends DicomPeerRules {
  id: string;
}

export interface PeersAnswer {
  /** The server's own. */
  ae_title: string;
  peers: DicomPeer[];
}

/** Where they are asked for, below `/api`. */
export const PEERS_AT = '/admin/peers';
export const PEERS_KEY = ['admin', 'peers'] as const;

export function rightsOf(rules: Pick<DicomPeerRules, Right>): Right[] {
  return RIGHTS.filter((right) => rules[right]);
}

/** What is dangerous about a peer, the worst first. Whoever may do nothing may come by any line. */
export function risksOf(rules: DicomPeerRules): Risk[] {
  const mayComeAsAnybody = rightsOf(rules).length > 0;
  return risksOfComing(rules.title, rules).filter((risk) => mayComeAsAnybody || (risk === 'plain' && rules.host !== ''));
}

/** The form: rights are one list, and addresses and port are text. */
export interface Entries extends Omit<DicomPeerRules, Right | 'addresses' | 'port'> {
  rights: Right[];
  addresses: string;
  port: string;
}

/** What a new peer begins with: a device that sends images. */
export function newPeer(begin: Partial<DicomPeerRules> = {}): DicomPeerRules {
  return {
    name: '',
    title: '',
    organization_id: '',
    authorities: [],
    makes_patients: false,
    addresses: [],
    certificate: '',
    plain: false,
    store: true,
    query: false,
    retrieve: false,
    worklist: false,
    host: '',
    port: 0,
    ...begin,
  };
}

export function entriesOf({ store, query, retrieve, worklist, ...rules }: DicomPeerRules): Entries {
  return {
    ...rules,
    rights: rightsOf({ store, query, retrieve, worklist }),
    addresses: rules.addresses.join('\n'),
    port: rules.port === 0 ? '' : String(rules.port),
  };
}

export function rulesOf(entries: Entries): DicomPeerRules {
  const { organization_id, makes_patients, plain, rights } = entries;
  return {
    name: entries.name.trim(),
    title: entries.title.trim(),
    organization_id,
    authorities: tidied(entries.authorities),
    makes_patients,
    addresses: listed(entries.addresses),
    certificate: fingerprintOf(entries.certificate),
    plain,
    store: rights.includes('store'),
    query: rights.includes('query'),
    retrieve: rights.includes('retrieve'),
    worklist: rights.includes('worklist'),
    host: entries.host.trim(),
    port: portOf(entries.port),
  };
}

export type FieldWithFault = 'name' | 'title' | 'addresses' | 'certificate' | 'host' | 'port' | 'authorities';

/** What the server would not take, by field, in the order of the form. */
export function faultsOf(entries: Entries): Set<FieldWithFault> {
  const rules = rulesOf(entries);
  const isReached = rules.host !== '';
  const faults = new Set<FieldWithFault>();
  if (rules.name === '') faults.add('name');
  if (!isTitle(rules.title) || (isReached && rules.title === '')) faults.add('title');
  if (!rules.addresses.every(isAddress)) faults.add('addresses');
  if (!isFingerprint(rules.certificate)) faults.add('certificate');
  if (isReached ? !isHost(rules.host) : entries.port.trim() !== '') faults.add('host');
  if (isReached && !isPort(rules.port)) faults.add('port');
  if (rules.authorities.some(({ system }) => !isSystem(system)) || (rules.makes_patients && rules.authorities.length === 0)) {
    faults.add('authorities');
  }
  return faults;
}

/** An AE title, or none: up to 16 characters of ASCII without backslash and control characters (PS3.5, 6.2). */
export function isTitle(text: string): boolean {
  return /^[ -[\]-~]{0,16}$/.test(text);
}
