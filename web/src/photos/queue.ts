import { ApiError, type Speaker } from '../api/client';
import type { BodySite, Chat, Photo, Side } from '../api/messages';
import { photoType, refusalOf } from './kinds';
import { mayComeThrough, sendBytes, sendText, sha256Hex } from './send';
import { type Pending, bytesOf, forgetVisit, keep, pendingOf, remove, update } from './store';

export type QueueState = 'idle' | 'sending' | 'waiting';
export interface QueueView {
  items: readonly Pending[];
  state: QueueState;
}

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * The photos and messages of one visit that the server does not have yet. They lie in IndexedDB, so a reload, a lost connection or a
 * closed tab costs nothing; they are sent one after the other, oldest first, and leave the device once they are there.
 */
export class PhotoQueue {
  #view: QueueView = { items: [], state: 'idle' };
  #listeners = new Set<() => void>();
  #running = false;
  #wait = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly visitId: string,
    private readonly as: Speaker,
    private readonly onArrived: (photo: Photo) => void = () => undefined,
    /** After a message arrived: all of them, where the answer held them. */
    private readonly onSaid: (messages: Chat[] | null) => void = () => undefined,
  ) {}

  get view(): QueueView {
    return this.#view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Begins: sends what is left over, and again whenever the network or the page comes back. Returns how to stop. */
  start(): () => void {
    window.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    void this.flush();
    return () => {
      window.removeEventListener('online', this.#wake);
      document.removeEventListener('visibilitychange', this.#wake);
      clearTimeout(this.#timer);
    };
  }

  /** Keeps a photo and begins to send it. Throws an {@link ApiError} with a code of `upload.` for a file that is none of ours. */
  async add(file: File, bodySite: BodySite, side: Side): Promise<void> {
    const refusal = refusalOf(file);
    const contentType = photoType(file);
    if (refusal || !contentType) throw new ApiError(0, refusal ?? 'upload.type', 'refused before sending');
    await this.#keep(await file.arrayBuffer(), { name: file.name.slice(0, 200), contentType, bodySite, side });
  }

  /** Keeps what somebody said and begins to send it. */
  async addClip(sound: Blob, durationMs: number): Promise<void> {
    await this.#keep(await sound.arrayBuffer(), { name: '', contentType: sound.type, durationMs });
  }

  /** Keeps a typed message and begins to send it. */
  async addText(text: string): Promise<void> {
    await this.#keep(new ArrayBuffer(0), { name: '', contentType: 'text/plain', text });
  }

  async #keep(bytes: ArrayBuffer, what: Pick<Pending, 'name' | 'contentType' | 'bodySite' | 'side' | 'durationMs' | 'text'>): Promise<void> {
    const pending: Pending = {
      id: crypto.randomUUID(),
      visitId: this.visitId,
      size: bytes.byteLength,
      sha256: what.text === undefined ? await sha256Hex(bytes) : '',
      sent: 0,
      addedAt: Date.now(),
      ...what,
    };
    await keep(pending, bytes);
    await this.#look();
    void this.flush();
  }

  /** Sends all that may be sent; a second call while one runs is the same run. */
  async flush(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      await exclusively(this.visitId, () => this.#sendAll());
    } finally {
      this.#running = false;
    }
  }

  /** Tries what failed once more, as a new upload. */
  async retry(id: string): Promise<void> {
    const pending = this.#view.items.find((one) => one.id === id);
    const bytes = await bytesOf(id);
    if (!pending || !bytes) return;
    const { failed: _, ...rest } = pending;
    await remove(id);
    await keep({ ...rest, id: crypto.randomUUID(), sent: 0 }, bytes);
    await this.flush();
  }

  async discard(id: string): Promise<void> {
    await remove(id);
    await this.#look();
  }

  /** On leaving the visit. */
  async forget(): Promise<void> {
    clearTimeout(this.#timer);
    await forgetVisit(this.visitId);
    await this.#look();
  }

  async #sendAll(): Promise<void> {
    await this.#look();
    for (;;) {
      const next = this.#view.items.find((one) => !one.failed);
      if (!next) return this.#show(this.#view.items, 'idle');
      this.#show(this.#view.items, 'sending');
      const sent = await this.#sendOne(next);
      await this.#look();
      if (!sent) return this.#later();
    }
  }

  /** Returns false when it should be tried later. */
  async #sendOne(pending: Pending): Promise<boolean> {
    const bytes = await bytesOf(pending.id);
    if (!bytes) {
      await remove(pending.id);
      return true;
    }
    try {
      const arrived = await this.#deliver(pending, bytes);
      await remove(pending.id);
      this.#wait = FIRST_WAIT_MS;
      arrived();
      return true;
    } catch (failure) {
      if (mayComeThrough(failure)) return false;
      await update({ ...pending, failed: failure instanceof ApiError ? failure.code : 'upload.other' });
      return true;
    }
  }

  /** Sends one; answers how to tell of it. */
  async #deliver(pending: Pending, bytes: ArrayBuffer): Promise<() => void> {
    if (pending.text !== undefined) {
      const messages = await sendText(pending, pending.text, this.as);
      return () => this.onSaid(messages);
    }
    const sent = await sendBytes(pending, bytes, this.as, (count) => this.#progress(pending, count));
    return () => ('photo' in sent ? this.onArrived(sent.photo) : this.onSaid(null));
  }

  #progress(pending: Pending, sent: number): void {
    this.#wait = FIRST_WAIT_MS;
    this.#show(
      this.#view.items.map((one) => (one.id === pending.id ? { ...one, sent } : one)),
      'sending',
    );
  }

  #later(): void {
    this.#show(this.#view.items, 'waiting');
    this.#timer = setTimeout(() => void this.flush(), this.#wait);
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
  }

  #wake = (): void => {
    if (document.visibilityState !== 'hidden') void this.flush();
  };

  async #look(): Promise<void> {
    const known = new Map(this.#view.items.map((one) => [one.id, one.sent]));
    const items = await pendingOf(this.visitId);
    this.#show(
      items.map((one) => ({ ...one, sent: known.get(one.id) ?? one.sent })),
      this.#view.state,
    );
  }

  #show(items: readonly Pending[], state: QueueState): void {
    this.#view = { items, state };
    for (const listener of this.#listeners) listener();
  }
}

/** Two tabs of the same visit must not send the same photo side by side. */
async function exclusively(visitId: string, work: () => Promise<void>): Promise<void> {
  const locks = (navigator as { locks?: LockManager }).locks;
  if (!locks) return work();
  await locks.request(`bianque-photos-${visitId}`, work);
}
