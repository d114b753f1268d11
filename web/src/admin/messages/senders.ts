/** Who may send HL7 v2, as `/api/admin/senders` has it, and the entries of the form in which it is said. */
import { localZone } from '../../format';
import { isZone } from '../weeklyHours';
import type { Stranger } from './flow';

export interface Authority {
  /** As it stands in the identifier; empty: identifiers that name none. */
  name: string;
  /** `identifier.system`. */
  system: string;
}

export interface SenderRules {
  name: string;
  /** MSH-3; empty: whoever no other sender is. */
  application: string;
  /** MSH-4; empty: any. */
  facility: string;
  organization_id: string;
  zone: string;
  charset: string;
  kinds: string[];
  addresses: string[];
  certificate: string;
  plain: boolean;
  training: boolean;
  authorities: Authority[];
}

export interface Sender extends SenderRules {
  id: string;
}

export const SENDERS_KEY = ['admin', 'senders'] as const;

/** Character sets as MSH-18 names them; the first is what no name stands for. */
export const CHARSETS = [
  '',
  'GB 18030-2000',
  'BIG-5',
  '8859/1',
  '8859/2',
  '8859/5',
  '8859/6',
  '8859/7',
  '8859/8',
  '8859/9',
  '8859/15',
  'ISO IR87',
  'KS X 1001',
] as const;

/** What is dangerous about a sender, the worst first. */
export type Risk = 'whoever' | 'plain' | 'nameOnly' | 'training';

export function risksOf(rules: SenderRules): Risk[] {
  const risks: Risk[] = [];
  if (rules.application === '') risks.push('whoever');
  if (rules.plain) risks.push('plain');
  if (rules.addresses.length === 0 && rules.certificate === '') risks.push('nameOnly');
  if (rules.training) risks.push('training');
  return risks;
}

/** As the header of its messages has it. */
export function callsItself(one: { application: string; facility: string }): string {
  return one.facility ? `${one.application}|${one.facility}` : one.application;
}

/** Those who knocked and whom no sender stands for by now. */
export function stillUnknown(strangers: readonly Stranger[], senders: readonly SenderRules[]): Stranger[] {
  const isMeant = (stranger: Stranger) => (sender: SenderRules) =>
    sender.application === '' ||
    (sender.application === stranger.application && (sender.facility === '' || sender.facility === stranger.facility));
  return strangers.filter((stranger) => !senders.some(isMeant(stranger)));
}

/** The form: lists are text. */
export interface Entries extends Omit<SenderRules, 'kinds' | 'addresses'> {
  kinds: string;
  addresses: string;
}

/** What a new sender begins with. */
export function newSender(begin: Partial<SenderRules> = {}): SenderRules {
  return {
    name: '',
    application: '',
    facility: '',
    organization_id: '',
    zone: localZone(),
    charset: '',
    kinds: [],
    addresses: [],
    certificate: '',
    plain: false,
    training: false,
    authorities: [],
    ...begin,
  };
}

export function entriesOf(rules: SenderRules): Entries {
  return { ...rules, kinds: rules.kinds.join(' '), addresses: rules.addresses.join('\n') };
}

export function rulesOf(entries: Entries): SenderRules {
  const { name, application, facility, organization_id, zone, charset, plain, training } = entries;
  return {
    name: name.trim(),
    application: application.trim(),
    facility: facility.trim(),
    organization_id,
    zone: zone.trim(),
    charset,
    kinds: listed(entries.kinds).map((kind) => kind.toUpperCase()),
    addresses: listed(entries.addresses),
    certificate: fingerprint(entries.certificate),
    plain,
    training,
    authorities: entries.authorities.map((one) => ({ name: one.name.trim(), system: one.system.trim() })),
  };
}

export type FieldWithFault = 'name' | 'application' | 'zone' | 'kinds' | 'addresses' | 'certificate' | 'authorities';

/** What the server would not take, by field. */
export function faultsOf(entries: Entries): Set<FieldWithFault> {
  const rules = rulesOf(entries);
  const faults = new Set<FieldWithFault>();
  if (rules.name === '') faults.add('name');
  if (rules.facility !== '' && rules.application === '') faults.add('application');
  if (!isZone(rules.zone)) faults.add('zone');
  if (!rules.kinds.every((kind) => /^[A-Z][A-Z0-9]{2}(\^[A-Z0-9]{3})?$/.test(kind))) faults.add('kinds');
  if (!rules.addresses.every(isAddress)) faults.add('addresses');
  if (!/^([0-9a-f]{64})?$/.test(rules.certificate)) faults.add('certificate');
  if (rules.authorities.some(({ system }) => !isSystem(system))) faults.add('authorities');
  return faults;
}

/** A system is a URI: it has a scheme, and no blanks. */
export function isSystem(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text.trim());
}

/** An address of one machine, in version 4 or 6. */
export function isAddress(text: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text.split('.').every((part) => Number(part) <= 255 && !/^0\d/.test(part));
  return text.includes(':') && URL.canParse(`http://[${text}]/`);
}

/** Programs write a fingerprint with colons, blanks and capitals. */
function fingerprint(text: string): string {
  return text.replace(/^.*=/, '').replace(/[\s:]/g, '').toLowerCase();
}

function listed(text: string): string[] {
  return text.split(/[\s,;，；]+/).filter((word) => word !== '');
}
