import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import http from 'node:http';
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

/** A service that signs with a key of its own and publishes the public half on loopback, at a port that the demo may ask. */
export interface Service {
  /** Where its keys are. */
  address: string;
  /** What the token endpoint answers it. */
  asks(client: string, scope: string): Promise<Response>;
  stop(): Promise<void>;
}

export async function startService(port: number): Promise<Service> {
  const kid = randomUUID();
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const server = http.createServer((_, answer) => {
    const key = { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES384' };
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [key] }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${port}/jwks.json`,
    asks: (client, scope) => {
      const aud = `${demo().http}/oauth2/token`;
      const claims = { iss: client, sub: client, aud, exp: Math.floor(Date.now() / 1000) + 240, jti: randomUUID() };
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${part({ alg: 'ES384', kid, typ: 'JWT' })}.${part(claims)}`;
      const signature = sign('sha384', Buffer.from(text), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
      const form = {
        grant_type: 'client_credentials',
        scope,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: `${text}.${signature.toString('base64url')}`,
      };
      return fetch(aud, { method: 'POST', body: new URLSearchParams(form) });
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
