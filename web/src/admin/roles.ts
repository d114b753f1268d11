import type { Role } from '../api/messages';

/** What an account can be. */
export const ROLES: readonly Role[] = ['clinician', 'specialist', 'reporter', 'front-desk', 'supervisor', 'administrator'];

/** Whether somebody of this role has a registration number and a title: who signs or reports. */
export function isRegistered(role: Role): boolean {
  return role === 'clinician' || role === 'specialist' || role === 'reporter';
}
