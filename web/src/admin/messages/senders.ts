/** Who may send HL7 v2, as `/api/admin/senders` has it, and the entries of the form in which it is said. */
import { localZone } from '../../format';
import { isZone } from '../weeklyHours';
import type { Stranger } from './flow';
import { type Authority, type Risk, fingerprintOf, isAddress, isFingerprint, isSystem, listed, risksOfComing, tidied } from '../peers/peers';

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

/** Where they are asked for, below `/api`. */
export const SENDERS_AT = '/admin/senders';
export const SENDERS_KEY = ['admin', 'senders'] as const;

/** What is dangerous about a sender, the worst first. */
export function risksOf(rules: SenderRules): Risk[] {
  return [...risksOfComing(rules.application, rules), ...(rules.training ? (['training'] as const) : [])];
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
    certificate: fingerprintOf(entries.certificate),
    plain,
    training,
    authorities: tidied(entries.authorities),
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
  if (!isFingerprint(rules.certificate)) faults.add('certificate');
  if (rules.authorities.some(({ system }) => !isSystem(system))) faults.add('authorities');
  return faults;
}
