import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Chat, Photo } from '../api/messages';
import { PhotoQueue } from './queue';
import { forgetAll, pendingOf } from './store';

interface Held {
  id: string;
  key: string;
  size: number;
  sha256: string;
  bytes: Buffer;
  photo: Photo | null;
}

/** The server's side of uploads, with a network in front that can be cut. */
class Server {
  uploads: Held[] = [];
  photos: Photo[] = [];
  /** Answers to be lost after the server has acted, by number of the request. */
  loseAnswer = new Set<number>();
  texts: { key: string; text: string }[] = [];
  down = false;
  refuse: { status: number; code: string } | null = null;
  requests = 0;

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const number = (this.requests += 1);
    if (this.down) throw new TypeError('network');
    const answer = this.#act(url, init);
    if (this.loseAnswer.has(number)) throw new TypeError('network');
    return answer;
  };

  #act(url: string, init: RequestInit): Response {
    if (this.refuse) return refusal(this.refuse.status, this.refuse.code);
    const headers = init.headers as Record<string, string>;
    if (init.method === 'POST') {
      const key = headers['idempotency-key'] ?? '';
      if (url.endsWith('/chat')) return this.#say(key, (JSON.parse(String(init.body)) as { text: string }).text);
      const body = JSON.parse(String(init.body)) as { size: number; sha256: string };
      let held = this.uploads.find((one) => one.key === key);
      if (!held) this.uploads.push((held = { id: `u${this.uploads.length}`, key, ...body, bytes: Buffer.alloc(0), photo: null }));
      return this.#state(held);
    }
    const held = this.uploads.find((one) => url.endsWith(`/${one.id}`));
    if (!held) return refusal(404, 'upload.unknown');
    if (Number(headers['upload-offset']) !== held.bytes.length) {
      return refusal(409, 'upload.offset', { 'upload-offset': String(held.bytes.length) });
    }
    held.bytes = Buffer.concat([held.bytes, init.body as Uint8Array]);
    if (held.bytes.length === held.size && !held.photo) this.#finish(held);
    return this.#state(held);
  }

  #say(key: string, text: string): Response {
    if (!this.texts.some((one) => one.key === key)) this.texts.push({ key, text });
    return Response.json({ messages: this.texts.map((one) => ({ id: one.key, text: one.text })) });
  }

  #finish(held: Held): void {
    expect(createHash('sha256').update(held.bytes).digest('hex')).toBe(held.sha256);
    held.photo = { id: `p${this.photos.length}` } as Photo;
    this.photos.push(held.photo);
  }

  #state(held: Held): Response {
    if (held.photo && 'duration_ms' in held) return Response.json({ clip: { id: held.id } });
    return Response.json(held.photo ? { photo: held.photo } : { upload: { id: held.id, offset: held.bytes.length, size: held.size } });
  }
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { code, message: code } }, { status, headers });
}

const MEGABYTE = 1024 * 1024;
function jpeg(bytes: number, name = 'rash.jpg'): File {
  return new File([new Uint8Array(bytes).map((_, index) => index % 251)], name, { type: 'image/jpeg' });
}

let server: Server;
let queue: PhotoQueue;
const arrived: Photo[] = [];
const said: (Chat[] | null)[] = [];
/** Until the queue waits for a better network, or has nothing left to send. */
const settled = (): Promise<void> =>
  vi.waitFor(() => expect(queue.view.state === 'waiting' || queue.view.items.every((one) => one.failed)).toBe(true), { timeout: 5_000 });

beforeEach(async () => {
  server = new Server();
  arrived.length = 0;
  said.length = 0;
  vi.stubGlobal('fetch', server.fetch);
  await forgetAll();
  queue = new PhotoQueue('v1', 'visit', (photo) => arrived.push(photo));
});
afterEach(async () => {
  await queue.forget();
  vi.unstubAllGlobals();
});

describe('a message', () => {
  test('that is spoken while the line is gone waits on the device, and arrives once', async () => {
    server.down = true;
    await queue.addClip(new Blob([new Uint8Array(90_000).fill(7)], { type: 'audio/webm;codecs=opus' }), 61_500);
    await settled();
    expect(queue.view).toMatchObject({ state: 'waiting', items: [{ durationMs: 61_500, contentType: 'audio/webm;codecs=opus' }] });
    server.down = false;
    // What a reload leaves: a new queue over the same store.
    queue = new PhotoQueue('v1', 'visit', (photo) => arrived.push(photo), (messages) => said.push(messages));
    server.loseAnswer = new Set([server.requests + 2]);
    await queue.flush();
    await queue.flush();
    await vi.waitFor(() => expect(said).toEqual([null]));
    expect(server.uploads).toHaveLength(1);
    expect(server.uploads[0]).toMatchObject({ duration_ms: 61_500, size: 90_000 });
    expect(server.uploads[0]).not.toHaveProperty('body_site');
    expect(arrived).toEqual([]);
  });

  test('that is typed is said once although the answer is lost, and in its turn', async () => {
    queue = new PhotoQueue('v1', 'visit', undefined, (messages) => said.push(messages));
    server.loseAnswer = new Set([1]);
    await queue.addText('I wait');
    await settled();
    await queue.addText('and wait');
    await queue.flush();
    await vi.waitFor(() => expect(queue.view.items).toEqual([]));
    expect(server.texts.map(({ text }) => text)).toEqual(['I wait', 'and wait']);
    expect(said.at(-1)).toHaveLength(2);
  });
});

describe('a photo', () => {
  test('arrives whole in several pieces and leaves the device', async () => {
    await queue.add(jpeg(3 * MEGABYTE), 'arm', 'left');
    await vi.waitFor(() => expect(arrived).toHaveLength(1));
    await settled();
    expect(server.uploads[0]?.bytes.length).toBe(3 * MEGABYTE);
    expect(server.requests).toBeGreaterThan(3);
    expect(await pendingOf('v1')).toEqual([]);
  });

  test('arrives once although answers are lost in the middle and at the end', async () => {
    server.loseAnswer = new Set([1, 3, 6]);
    await queue.add(jpeg(2 * MEGABYTE), 'arm', 'left');
    await settled();
    for (let round = 0; round < 6 && arrived.length === 0; round += 1) {
      await queue.flush();
      await settled();
    }
    expect(server.photos).toHaveLength(1);
    expect(server.uploads).toHaveLength(1);
    expect(arrived).toHaveLength(1);
  });

  test('survives a reload while the network is down', async () => {
    server.down = true;
    await queue.add(jpeg(MEGABYTE), 'eye', 'right');
    await settled();
    expect(queue.view).toMatchObject({ state: 'waiting', items: [{ bodySite: 'eye', side: 'right' }] });
    server.down = false;
    // What a reload leaves: a new queue over the same store.
    queue = new PhotoQueue('v1', 'visit', (photo) => arrived.push(photo));
    await queue.flush();
    expect(arrived).toHaveLength(1);
    expect(server.photos).toHaveLength(1);
  });

  test('that the server refuses is kept with the reason, and may be tried as a new upload', async () => {
    server.refuse = { status: 422, code: 'upload.hash' };
    await queue.add(jpeg(1000), 'skin', 'none');
    await vi.waitFor(() => expect(queue.view.items[0]?.failed).toBe('upload.hash'));
    server.refuse = null;
    await queue.retry(queue.view.items[0]?.id ?? '');
    expect(arrived).toHaveLength(1);
  });

  test('of one visit is not seen by another and goes on leaving', async () => {
    server.down = true;
    await queue.add(jpeg(1000), 'skin', 'none');
    await settled();
    expect(await pendingOf('v2')).toEqual([]);
    await queue.forget();
    expect(await pendingOf('v1')).toEqual([]);
  });

  test.each([
    [new File(['x'], 'a.pdf', { type: 'application/pdf' }), 'upload.type'],
    [new File([], 'a.jpg', { type: 'image/jpeg' }), 'upload.corrupt'],
  ])('of a kind that cannot be sent is refused before it is kept', async (file, code) => {
    await expect(queue.add(file, 'skin', 'none')).rejects.toMatchObject({ code });
    expect(server.requests).toBe(0);
  });

  test('from a phone that knows no HEIC is known by its ending', async () => {
    await queue.add(new File(['heic'], 'IMG_1.HEIC', { type: '' }), 'skin', 'none');
    await vi.waitFor(() => expect(arrived).toHaveLength(1));
  });
});
