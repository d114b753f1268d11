/**
 * The one way to the server's API: JSON in and out, the right `x-csrf-token`, and every failure an {@link ApiError}
 * whose `code` screens translate.
 */

/** Who speaks: a signed-in account, or a patient or consultant through the visit's own cookie. */
export type Speaker = 'account' | 'visit';

export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable code of docs/api.md, or `network.offline`, `network.failed`, `answer.invalid`. */
    readonly code: string,
    message: string,
    readonly field?: string,
    readonly details: Record<string, unknown> = {},
    /** Seconds after which a 429 or 503 may be tried again. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.name = 'ApiError';
  }
  /** Whether the same request may succeed later without any change. */
  get passing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export interface RequestOptions {
  as?: Speaker;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

let accountCsrf: string | null = null;
const visitCsrf = new Map<string, string>();

/** Remembers the value that unsafe requests of the signed-in account carry. */
export function setAccountCsrf(value: string | null): void {
  accountCsrf = value;
}
/** Remembers the value that unsafe requests of the visit's cookie carry. */
export function setVisitCsrf(visitId: string, value: string): void {
  visitCsrf.set(visitId, value);
}

let askForProof: (() => Promise<boolean>) | null = null;
let asking: Promise<boolean> | null = null;

/** Who asks the person at the desk to prove again who they are; the promise tells whether they did. */
export function setProver(ask: (() => Promise<boolean>) | null): void {
  askForProof = ask;
}

/** Requests that need a proof at the same time ask for one together. */
function provedAgain(): Promise<boolean> {
  if (!askForProof) return Promise.resolve(false);
  asking ??= askForProof().finally(() => {
    asking = null;
  });
  return asking;
}

export function csrfFor(path: string, as: Speaker): string | null {
  if (as === 'account') return accountCsrf;
  const visitId = /^\/visits\/([^/?]+)/.exec(path)?.[1];
  return visitId ? (visitCsrf.get(decodeURIComponent(visitId)) ?? null) : null;
}

export function get<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return request<T>('GET', path, undefined, options);
}
export function post<T>(path: string, body?: unknown, options: RequestOptions = {}): Promise<T> {
  return request<T>('POST', path, body, options);
}
export function put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request<T>('PUT', path, body, options);
}
export function patch<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return request<T>('PATCH', path, body, options);
}
export function del<T = void>(path: string, options: RequestOptions = {}): Promise<T> {
  return request<T>('DELETE', path, undefined, options);
}

/** Sends one request below `/api` and reads its JSON answer (`undefined` for 204). */
export async function request<T>(method: string, path: string, body: unknown, options: RequestOptions): Promise<T> {
  const response = await answered(method, path, body, options);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new ApiError(response.status, 'answer.invalid', 'the answer is not JSON');
  }
}

/**
 * The answer to a request that went well. One that the server does only for somebody who has just proved who they are is
 * repeated once they did.
 */
export async function answered(method: string, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  const response = await send(method, path, body, options);
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.code !== 'step-up.needed' || !(await provedAgain())) throw error;
  const again = await send(method, path, body, options);
  if (!again.ok) throw await errorOf(again);
  return again;
}

/** As {@link answered}, but whatever is answered, for those who read headers or bytes. Throws only when no answer came. */
export async function send(method: string, path: string, body: unknown, options: RequestOptions): Promise<Response> {
  const as = options.as ?? 'account';
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
  if (as === 'visit') headers['x-bianque-as'] = 'visit';
  if (method !== 'GET' && method !== 'HEAD') {
    const csrf = csrfFor(path, as);
    if (csrf) headers['x-csrf-token'] = csrf;
  }
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (options.signal) init.signal = options.signal;
  if (body instanceof Blob || body instanceof Uint8Array) {
    headers['content-type'] ??= 'application/octet-stream';
    init.body = body as BodyInit;
  } else if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  try {
    return await fetch(`/api${path}`, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    const offline = typeof navigator !== 'undefined' && navigator.onLine === false;
    throw new ApiError(0, offline ? 'network.offline' : 'network.failed', String(cause));
  }
}

/** Reads an answer that is not 2xx. */
export async function errorOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  try {
    const { error } = (await response.json()) as {
      error: { code: string; message: string; field?: string; details?: Record<string, unknown> };
    };
    return new ApiError(response.status, error.code, error.message, error.field, error.details, retryAfter);
  } catch {
    return new ApiError(response.status, `http.${response.status}`, response.statusText, undefined, {}, retryAfter);
  }
}

/** The address of something below `/api` for an `img`, a download or a socket, which can carry no header. */
export function address(path: string, as: Speaker, query: Record<string, string> = {}): string {
  const parameters = new URLSearchParams(query);
  if (as === 'visit') parameters.set('as', 'visit');
  const text = parameters.toString();
  const base = path.startsWith('/api/') ? path : `/api${path}`;
  if (!text) return base;
  return base + (base.includes('?') ? '&' : '?') + text;
}

/** The same for a WebSocket; the `csrf` value rides in the query because sockets carry no headers either. */
export function socketAddress(path: string, as: Speaker): string {
  const url = new URL(address(path, as, { csrf: csrfFor(path, as) ?? '' }), location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
