import type { Role } from '../api/messages';

const HOMES: Record<Role, string> = {
  clinician: '/work',
  specialist: '/consults',
  reporter: '/patients',
  'front-desk': '/work',
  supervisor: '/quality',
  administrator: '/admin',
};

/** Where a role begins its day. */
export function homeOf(role: Role): string {
  return HOMES[role];
}
