import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { BodySite, Side } from '../api/messages';

/** A photo, a voice message or a text that is on its way. Its bytes lie beside it and go as soon as the server has them. */
export interface Pending {
  /** Also the idempotency key: the same arrives once, however often it is sent. */
  id: string;
  visitId: string;
  name: string;
  size: number;
  contentType: string;
  /** Of a photo. */
  bodySite?: BodySite;
  side?: Side;
  /** Of a voice message. */
  durationMs?: number;
  /** Of a text; it has no bytes. */
  text?: string;
  /** Hex SHA-256 of the whole file. */
  sha256: string;
  /** Bytes that the server is known to hold. */
  sent: number;
  addedAt: number;
  /** Code of the error that ended it; the rest waits for its turn. */
  failed?: string;
}

/** Photos and messages are shown in different places. */
export function isPhoto(pending: Pending): boolean {
  return pending.text === undefined && pending.durationMs === undefined;
}

interface Shape extends DBSchema {
  pending: { key: string; value: Pending; indexes: { visit: string } };
  bytes: { key: string; value: ArrayBuffer };
}

let opened: Promise<IDBPDatabase<Shape>> | undefined;

function database(): Promise<IDBPDatabase<Shape>> {
  opened ??= openDB<Shape>('bianque-photos', 1, {
    upgrade(db) {
      db.createObjectStore('pending', { keyPath: 'id' }).createIndex('visit', 'visitId');
      db.createObjectStore('bytes');
    },
  });
  return opened;
}

/** Entry and bytes go in together or not at all. */
export async function keep(pending: Pending, bytes: ArrayBuffer): Promise<void> {
  const transaction = (await database()).transaction(['pending', 'bytes'], 'readwrite');
  await Promise.all([
    transaction.objectStore('pending').put(pending),
    transaction.objectStore('bytes').put(bytes, pending.id),
    transaction.done,
  ]);
}

export async function update(pending: Pending): Promise<void> {
  await (await database()).put('pending', pending);
}

/** The visit's photos in the order in which they were added. */
export async function pendingOf(visitId: string): Promise<Pending[]> {
  const found = await (await database()).getAllFromIndex('pending', 'visit', visitId);
  return found.sort((a, b) => a.addedAt - b.addedAt);
}

export async function bytesOf(id: string): Promise<ArrayBuffer | undefined> {
  return (await database()).get('bytes', id);
}

export async function remove(id: string): Promise<void> {
  const transaction = (await database()).transaction(['pending', 'bytes'], 'readwrite');
  await Promise.all([
    transaction.objectStore('pending').delete(id),
    transaction.objectStore('bytes').delete(id),
    transaction.done,
  ]);
}

/** Nothing of the visit stays on this device. */
export async function forgetVisit(visitId: string): Promise<void> {
  for (const { id } of await pendingOf(visitId)) await remove(id);
}

/** Nothing of any visit stays on this device. */
export async function forgetAll(): Promise<void> {
  const transaction = (await database()).transaction(['pending', 'bytes'], 'readwrite');
  await Promise.all([transaction.objectStore('pending').clear(), transaction.objectStore('bytes').clear(), transaction.done]);
}
