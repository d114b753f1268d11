import { createHash } from 'node:crypto';
import type { Session } from './clinic.ts';
import { demo } from './ready.ts';

/** Nothing listens there: what is looked at is the address that a browser is sent to. */
export const CALLBACK = 'http://127.0.0.1:9009/back';
const VERIFIER = 'a-verifier-of-more-than-forty-three-characters-0';

export interface Registered {
  application: { id: string; name: string };
  client_secret: string | null;
}

/** Registers an application; the administrator has proved a moment ago who they are. */
export function register(administrator: Session, name: string, scopes: string, more: object = {}): Promise<Registered> {
  const making = { name, kind: 'public', redirect_uris: [CALLBACK], scopes, ...more };
  return administrator.ask<Registered>('POST', '/api/admin/applications', making);
}

/** What an application asks, as the query of `/oauth2/authorize`. */
export function asking(client: string, scope: string, more: Record<string, string> = {}): string {
  const challenge = createHash('sha256').update(VERIFIER).digest('base64url');
  return new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: CALLBACK,
    scope,
    state: 'of-the-story',
    aud: `${demo().http}/fhir`,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  }).toString();
}

/** The tokens of a code. */
export async function redeem(client: string, code: string): Promise<Record<string, unknown>> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, client_id: client, code_verifier: VERIFIER };
  const answer = await fetch(`${demo().http}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return (await answer.json()) as Record<string, unknown>;
}
