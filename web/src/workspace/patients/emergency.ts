import type { OpenedEmergency } from '../../api/messages';

/** Reasons shorter than this are refused by the server too. */
export const REASON_CHARACTERS = 10;

export interface EmergencyEntries {
  identifier: string;
  /** As it was typed. */
  birthDate: string;
  reason: string;
}

export type EmergencyFault = 'required' | 'badDate' | 'short';
export type EmergencyFaults = Partial<Record<keyof EmergencyEntries, EmergencyFault>>;

/** What must be put right before the record can be asked for; `birthDate` is how the typed one was read. */
export function faultsOfEmergency(entries: EmergencyEntries, birthDate: string | null): EmergencyFaults {
  const faults: EmergencyFaults = {};
  if (entries.identifier.trim() === '') faults.identifier = 'required';
  if (entries.birthDate.trim() === '') faults.birthDate = 'required';
  else if (birthDate === null) faults.birthDate = 'badDate';
  // Characters as the server counts them, so that one outside of the basic plane is one.
  if ([...entries.reason.trim()].length < REASON_CHARACTERS) faults.reason = 'short';
  return faults;
}

/** Keeps until when a record is open, in this tab: the chart does not say it, and a reload must not lose it. */
export function rememberEmergency(userId: string, { patient_id, until }: OpenedEmergency): void {
  sessionStorage.setItem(keyOf(userId, patient_id), until);
}

/** Until when this user has the record open in an emergency; `null` when not, or no longer. */
export function emergencyUntil(userId: string, patientId: string, now: number): string | null {
  const until = sessionStorage.getItem(keyOf(userId, patientId));
  return until !== null && Date.parse(until) > now ? until : null;
}

function keyOf(userId: string, patientId: string): string {
  return `bianque.emergency.${userId}.${patientId}`;
}
