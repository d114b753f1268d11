import { ApiError, type Speaker, errorOf, post, send } from '../api/client';
import type { Chat, Photo, Upload } from '../api/messages';
import type { Pending } from './store';

/** What an upload has become: a photo, or a voice message among the others. */
export type Sent = { photo: Photo } | { clip: { id: string } };
type Step = { upload: Upload } | Sent;

const SMALLEST_CHUNK = 64 * 1024;
const FIRST_CHUNK = 256 * 1024;
const LARGEST_CHUNK = 1024 * 1024;
/** Chunks grow while they take less than this and shrink when they take five times as long. */
const QUICK_MS = 1_000;

/**
 * Sends one photo or voice message from where the server has it to its end. May be called again after any failure: the idempotency key
 * finds the upload, and its offset says where to go on.
 */
export async function sendBytes(pending: Pending, bytes: ArrayBuffer, as: Speaker, onSent: (bytes: number) => void): Promise<Sent> {
  const path = `/visits/${encodeURIComponent(pending.visitId)}/uploads`;
  let step = await begin(path, pending, as);
  let chunk = FIRST_CHUNK;
  while ('upload' in step) {
    const { id, offset } = step.upload;
    onSent(offset);
    const part = new Uint8Array(bytes, offset, Math.min(chunk, bytes.byteLength - offset));
    const started = performance.now();
    step = await append(`${path}/${encodeURIComponent(id)}`, step.upload, part, as);
    chunk = nextChunk(chunk, performance.now() - started);
  }
  onSent(pending.size);
  return step;
}

/** Says a text, once. Answers with all messages of the visit. */
export async function sendText(pending: Pending, text: string, as: Speaker): Promise<Chat[]> {
  const path = `/visits/${encodeURIComponent(pending.visitId)}/chat`;
  return (await post<{ messages: Chat[] }>(path, { text }, { as, headers: { 'idempotency-key': pending.id } })).messages;
}

function begin(path: string, pending: Pending, as: Speaker): Promise<Step> {
  const { id, size, sha256, contentType, bodySite, side, durationMs, name } = pending;
  const of = durationMs === undefined ? { body_site: bodySite, side } : { duration_ms: durationMs };
  const body = { size, sha256, content_type: contentType, ...of, name };
  return post<Step>(path, body, { as, headers: { 'idempotency-key': id } });
}

async function append(path: string, upload: Upload, part: Uint8Array, as: Speaker): Promise<Step> {
  const response = await send('PATCH', path, part, { as, headers: { 'upload-offset': String(upload.offset) } });
  if (response.ok) return (await response.json()) as Step;
  const known = Number(response.headers.get('upload-offset') ?? Number.NaN);
  const failure = await errorOf(response);
  // The server has another count, as after an answer that was lost: go on from its.
  if (failure.code === 'upload.offset' && Number.isInteger(known) && known !== upload.offset && known <= upload.size) {
    return { upload: { ...upload, offset: known } };
  }
  throw failure;
}

export function nextChunk(chunk: number, tookMs: number): number {
  if (tookMs < QUICK_MS) return Math.min(LARGEST_CHUNK, chunk * 2);
  if (tookMs > QUICK_MS * 5) return Math.max(SMALLEST_CHUNK, chunk / 2);
  return chunk;
}

/** Whether it may still arrive when the same is tried later. */
export function mayComeThrough(failure: unknown): boolean {
  return failure instanceof ApiError && (failure.passing || failure.status === 429 || failure.status >= 500);
}

export async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
