/** Applications of others, as docs/api.md has them. */

export type ApplicationKind = 'public' | 'confidential-secret' | 'confidential-key' | 'service';
export interface Application {
  id: string;
  name: string;
  kind: ApplicationKind;
  redirect_uris: string[];
  launch_url: string | null;
  scopes: string[];
  /** A JWK Set. */
  keys: unknown;
  /** Where it publishes its keys instead. */
  jwks_uri: string | null;
  active: boolean;
  created_at: string;
}
/** What came of reading keys at their address. */
export type KeysRead = { ok: true; keys: number } | { ok: false; reason: string; message: string };
export interface ApplicationAnswer {
  application: Application;
  /** `null`: it publishes none. */
  keys_read?: KeysRead | null;
  /** Told once. */
  client_secret?: string | null;
}
export interface ApplicationGrant {
  id: string;
  user: string | null;
  scopes: string[];
  for_patient: boolean;
  offline: boolean;
  created_at: string;
  used_at: string;
  until: string;
}
/** What somebody let an application do. */
export interface OwnGrant extends Lets {
  id: string;
  application: { id: string; name: string };
  for_patient: boolean;
  created_at: string;
  used_at: string;
  until: string;
}
/** What an application is let do. */
export interface Lets {
  resources: AskedResource[];
  identity: boolean;
  /** The visit that it was opened from. */
  encounter: boolean;
  /** Also after signing out. */
  offline: boolean;
}
export interface AskedResource {
  level: 'patient' | 'user';
  /** `null`: every type. */
  type: string | null;
  /** Of `rs`. */
  letters: string;
}
/** What an application asks of a user. */
export interface Asked extends Lets {
  application: { id: string; name: string; place: string };
  patient: { id: string; name: string; birth_date: string } | null;
  patient_needed: boolean;
}
export interface Redirect {
  redirect: string;
}
