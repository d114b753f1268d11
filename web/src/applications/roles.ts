import type { Role } from '../api/messages';

/** Who reads records here, and so may let an application read them in their name. */
export const LETS_IN: readonly Role[] = ['clinician', 'specialist', 'reporter'];
