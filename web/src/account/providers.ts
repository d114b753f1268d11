import { ApiError, post } from '../api/client';
import type { Proved, SignedOut } from '../api/messages';

const NEXT = 'bianque.sign-in.next';
const LEFT = 'bianque.sign-out.state';
const HERE_ONLY = 'here';
const CHANNEL = 'bianque.provider-proof';
/** How long somebody may take at their provider; what they bring back later is not taken. */
const PATIENCE_MS = 5 * 60_000;

/** Sends this page to an identity provider, which sends it back to `/sign-in/provider`. */
export async function goToProvider(provider: string, next: string | null): Promise<void> {
  const { url } = await post<{ url: string }>('/session/provider', { provider });
  if (next) sessionStorage.setItem(NEXT, next);
  else sessionStorage.removeItem(NEXT);
  location.assign(url);
}

/** Where whoever comes back wanted to go; told once. */
export function takeNext(): string | null {
  const next = sessionStorage.getItem(NEXT);
  sessionStorage.removeItem(NEXT);
  return next;
}

/** Ends the session here, and sends this page to the provider, which ends its own and sends it back to `/sign-in`. */
export async function leaveBoth(): Promise<void> {
  const { url, state } = await post<SignedOut>('/session/provider/sign-out');
  sessionStorage.setItem(LEFT, state ?? HERE_ONLY);
  location.replace(url ?? '/sign-in');
}

/** How whoever comes to sign in has just left, by the state that the provider sent back: `both`, or `here` only. Told once. */
export function takeLeft(state: string | null): 'both' | 'here' | null {
  const kept = sessionStorage.getItem(LEFT);
  sessionStorage.removeItem(LEFT);
  if (kept === HERE_ONLY) return 'here';
  return kept !== null && kept === state ? 'both' : null;
}

/**
 * Has the signed-in person prove who they are at their provider, in a window of its own, so that nothing is lost of the
 * page they are on. Has to be called by a press: browsers open no window otherwise.
 */
export async function proveAtProvider(): Promise<string> {
  const opened = window.open('about:blank', '_blank', 'popup,width=520,height=720');
  if (!opened) throw new ApiError(400, 'provider.window', 'the browser opened no window');
  try {
    const { url } = await post<{ url: string }>('/session/provider/proof');
    const proof = awaited();
    opened.location.assign(url);
    return await proof;
  } catch (cause) {
    opened.close();
    throw cause;
  }
}

/** Tells the page that asked, which lies in another window of this browser. */
export function tellProof(answer: Proved | ApiError): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(answer instanceof ApiError ? { code: answer.code, message: answer.message } : answer);
  channel.close();
}

function awaited(): Promise<string> {
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(CHANNEL);
    const over = setTimeout(() => done(() => reject(new ApiError(410, 'provider.over', 'nobody came back'))), PATIENCE_MS);
    const done = (tell: () => void): void => {
      clearTimeout(over);
      channel.close();
      tell();
    };
    channel.onmessage = ({ data }: MessageEvent<Proved | { code: string; message: string; proof?: undefined }>) => {
      if (data.proof !== undefined) done(() => resolve(data.proof));
      else done(() => reject(new ApiError(401, data.code, data.message)));
    };
  });
}
