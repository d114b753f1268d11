/** Sessions, second factors and proofs, as docs/api.md has them. */
import type { Names, Role, Session } from './messages';

export type Way = 'passkey' | 'code' | 'recovery_code';

/** What the first step of a sign-in answers with. */
export type SignInAnswer = { session: Session; second?: undefined } | { session: null; second: SecondStepAsked };
export interface SecondStepAsked {
  token: string;
  ways: Way[];
  seconds: number;
}
export interface OpenSession {
  id: string;
  /** Names of their makers; empty when the browser told none. */
  browser: string;
  system: string;
  address: string;
  first_seen: string;
  last_seen: string;
  /** The one that asks. */
  this: boolean;
}
export interface PasskeyEntry {
  id: string;
  name: string;
  added_at: string;
  used_at: string | null;
}
export interface Factors {
  password: boolean;
  totp: { added_at: string } | null;
  passkeys: PasskeyEntry[];
  /** How many are left. */
  recovery_codes: number;
  /** The role has to have a second factor. */
  required: boolean;
  /** The address at which passkeys work; `null` where they cannot. */
  passkey_address: string | null;
  /** The identity provider that the account is linked to. */
  provider: Names | null;
}
export interface TotpOffer {
  secret: string;
  uri: string;
  /** An SVG path of `size` x `size` units. */
  qr: { size: number; path: string };
}
/** What a passkey signs: the JSON forms of Web Authentication, level 3. */
export interface PasskeyChallenge<Options> {
  challenge_id: string;
  options: Options;
}
/** What a proof at an identity provider came back with. */
export interface Proved {
  proof: string;
}
export interface RoleRow {
  value: string;
  role: Role;
  organization_id: string;
}
export interface ProviderSettings {
  name: Names;
  issuer: string;
  client_id: string;
  scopes: string[];
  role_claim: string;
  roles: RoleRow[];
  match_claim: string | null;
  creates: boolean;
  factor_acr: string[];
  factor_amr: string[];
  active: boolean;
}
export interface IdentityProvider {
  id: string;
  settings: ProviderSettings;
  has_secret: boolean;
  /** Where the provider tells that somebody signed out there. */
  backchannel_logout_uri: string;
}
/** What an administrator reads of all providers. */
export interface IdentityProviders {
  providers: IdentityProvider[];
  /** Where they send people back to. */
  redirect_uri: string;
  /** Where they send people back to who signed out there. */
  post_logout_redirect_uri: string;
}
/** Where a browser goes to sign out at its provider; null when the provider cannot be asked. */
export type SignedOut = { url: string; state: string } | { url: null; state: null };
export type ProviderTest =
  | { ok: true; keys: number; logout: boolean }
  | { ok: false; code: string; message: string; details: Record<string, unknown> | null };
export interface SignInRules {
  second_factor: Role[];
}
