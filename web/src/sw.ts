/// <reference lib="webworker" />
/**
 * Keeps the application's own files so that it opens on a weak network. Nothing of a patient passes through here:
 * `/api`, `/fhir` and `/dicomweb` always go to the network and are never stored.
 */
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

const FILES = self.__WB_MANIFEST;
/** A new build has other files, hence another cache. */
const CACHE = `shell-${hash(FILES.map((file) => file.url + (file.revision ?? '')).join('|'))}`;
const NEVER = ['/api/', '/fhir', '/dicomweb', '/healthz', '/readyz', '/metrics', '/.well-known/'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(`/${file.url}`, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (NEVER.some((path) => url.pathname.startsWith(path))) return;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(async () => (await caches.match('/index.html')) ?? Response.error()));
    return;
  }
  event.respondWith(caches.match(request).then((stored) => stored ?? fetch(request)));
});

/** FNV-1a: names a cache, guards nothing. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}
