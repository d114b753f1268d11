import { ApiError, post } from '../api/client';
import type { PasskeyChallenge } from '../api/messages';

/** What a device answered, as the server takes it. */
export interface Answered {
  challenge_id: string;
  credential: unknown;
}

/** Whether passkeys can be used on this page: they are bound to the installation's own address. */
export function passkeysWork(address: string | null | undefined): boolean {
  return typeof PublicKeyCredential !== 'undefined' && address === location.origin;
}

/** Asks the device for a new passkey. */
export async function makePasskey(): Promise<Answered> {
  const { challenge_id, options } = await post<PasskeyChallenge<PublicKeyCredentialCreationOptionsJSON>>('/session/passkeys/challenge');
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...(options as object as PublicKeyCredentialCreationOptions),
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    challenge_id,
    credential: {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        attestationObject: text(response.attestationObject),
        clientDataJSON: text(response.clientDataJSON),
        transports: response.getTransports(),
      },
      clientExtensionResults: made.getClientExtensionResults(),
    },
  };
}

/** Signs a challenge with a passkey: to sign in, or as a proof of who is signed in. */
export async function answerWithPasskey(what: 'sign-in' | 'proof'): Promise<Answered> {
  const path = what === 'sign-in' ? '/session/passkey/challenge' : '/session/proof/challenge';
  const { challenge_id, options } = await post<PasskeyChallenge<PublicKeyCredentialRequestOptionsJSON>>(path);
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...(options as object as PublicKeyCredentialRequestOptions),
    challenge: bytes(options.challenge),
    allowCredentials: described(options.allowCredentials),
  };
  const used = await asked(() => navigator.credentials.get({ publicKey }));
  const response = used.response as AuthenticatorAssertionResponse;
  return {
    challenge_id,
    credential: {
      id: used.id,
      rawId: text(used.rawId),
      type: used.type,
      response: {
        authenticatorData: text(response.authenticatorData),
        clientDataJSON: text(response.clientDataJSON),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
      clientExtensionResults: used.getClientExtensionResults(),
    },
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (cause) {
    // What the device has already, it does not make again; everything else was stopped by its owner or by time.
    if (cause instanceof DOMException && cause.name === 'InvalidStateError') throw new ApiError(400, 'passkey.there', String(cause));
    if (!(cause instanceof DOMException)) throw cause;
  }
  throw new ApiError(400, 'passkey.cancelled', 'no passkey was chosen');
}

function described(list: PublicKeyCredentialDescriptorJSON[] | undefined): PublicKeyCredentialDescriptor[] {
  return (list ?? []).map(({ id }) => ({ type: 'public-key', id: bytes(id) }));
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
