import type { RecordAccess } from '../api/messages';

/** What the audit's operations are to a patient; each word names the text to show. */
const WORDS: Record<string, string> = {
  'emergency.open': 'emergency',
  'chart.read': 'chart',
  'record.history': 'record-read',
  'record.problem': 'record-write',
  'record.allergy': 'record-write',
  'record.medication': 'record-write',
  'visit.list': 'day',
  'day-pack.write': 'day',
  'consult.list': 'consult',
  'patient.search': 'search',
  'fhir.search': 'search',
  'patient.create': 'patient',
  'visit.book': 'book',
  'visit.read': 'visit',
  'visit.socket': 'visit',
  'visit.chat': 'messages',
  'visit.vitals': 'vitals',
  'visit.quality': 'quality',
  'visit.consent': 'consent',
  'visit.intake': 'intake',
  'visit.device-check': 'device',
  'visit.arrive': 'arrive',
  'visit.join': 'join',
  'visit.leave': 'leave',
  'visit.link': 'link',
  'visit.let-in': 'let-in',
  'visit.admit': 'admit',
  'visit.end': 'end',
  'visit.cancel': 'cancel',
  'visit.invite': 'invite',
  'visit.revoke': 'revoke',
  'note.read': 'note-read',
  'note.save': 'note-write',
  'note.addendum': 'note-write',
  'note.sign': 'note-sign',
  'opinion.read': 'opinion-read',
  'opinion.save': 'opinion-write',
  'opinion.sign': 'opinion-sign',
  'photo.list': 'photo-read',
  'photo.read': 'photo-read',
  'photo.add': 'photo-add',
  'photo.begin': 'photo-add',
  'plan.read': 'plan-read',
  'plan.print': 'plan-print',
  'plan.confirm': 'plan-confirm',
  'audit.readers': 'readers',
};

/** The word for what was done. What has no word of its own is told by whether it read or changed something. */
export function accessWord({ operation, what }: Pick<RecordAccess, 'operation' | 'what'>): string {
  return WORDS[operation] ?? `${operation.startsWith('visit.') ? 'visit-' : ''}${what}`;
}

/** Whoever has no name of their own: by what kind they are. Until the birth date is confirmed nobody is known. */
export function kindWord({ kind, operation }: Pick<RecordAccess, 'kind' | 'operation'>): string {
  return operation === 'visit.join' ? 'link' : kind;
}

/** Whether it was done in an emergency, by somebody who otherwise does not see the record ("break the glass"). */
export function inEmergency({ purpose }: Pick<RecordAccess, 'purpose'>): boolean {
  return purpose === 'BTG';
}

/** One entry, with how often it was repeated without anything between. */
export interface Grouped {
  access: RecordAccess;
  times: number;
}

/** Entries of one day that say the same one after another become one, so that a page that was left open fills no list. */
export function grouped(accesses: readonly RecordAccess[]): Grouped[] {
  const groups: Grouped[] = [];
  for (const access of accesses) {
    const last = groups.at(-1);
    if (last && saysTheSame(last.access, access)) last.times += 1;
    else groups.push({ access, times: 1 });
  }
  return groups;
}

function saysTheSame(one: RecordAccess, other: RecordAccess): boolean {
  const day = ({ at }: RecordAccess): string => new Date(at).toDateString();
  return (
    one.who === other.who &&
    one.kind === other.kind &&
    one.organization === other.organization &&
    one.application === other.application &&
    accessWord(one) === accessWord(other) &&
    inEmergency(one) === inEmergency(other) &&
    day(one) === day(other)
  );
}
