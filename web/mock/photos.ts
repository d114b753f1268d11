import { createHash } from 'node:crypto';
import type * as api from '../src/api/messages.ts';
import { speaker } from './access.ts';
import { type Answer, type Call, Refusal, type Router } from './http.ts';
import type { Sockets } from './sockets.ts';
import { type MockUpload, type MockVisit, type World, iso, newId } from './world.ts';

const LIMIT = 50 << 20;
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif'];

export function photoRoutes(router: Router, world: World, sockets: Sockets): void {
  router.on('POST', '/visits/:id/uploads', (call) => {
    const { made, participant } = speaker(world, call);
    const key = String(call.request.headers['idempotency-key']);
    const before = [...made.uploads.values()].find((one) => one.key === key);
    if (before) return { json: stateOf(before) };
    const body = call.body<{ size: number; sha256: string; content_type: string; body_site: api.BodySite; side: api.Side }>();
    if (body.size > LIMIT) throw new Refusal(413, 'upload.too-large');
    if (!TYPES.includes(body.content_type)) throw new Refusal(415, 'upload.type');
    const upload = { id: newId(), key, ...body, bytes: Buffer.alloc(0), photo: null, by: participant.name };
    made.uploads.set(upload.id, upload);
    return { status: 201, json: stateOf(upload) };
  });
  router.on('HEAD', '/visits/:id/uploads/:upload', (call) => {
    const upload = found(speaker(world, call).made, call);
    return { status: 200, headers: { 'upload-offset': String(upload.bytes.length) }, raw: Buffer.alloc(0) };
  });
  router.on('PATCH', '/visits/:id/uploads/:upload', (call) => append(world, sockets, call));
  router.on('GET', '/visits/:id/photos', (call) => ({ json: { photos: speaker(world, call).made.visit.photos } }));
  for (const kind of ['preview', 'original']) {
    router.on('GET', `/visits/:id/photos/:photo/${kind}`, (call) => image(world, call));
  }
}

function append(world: World, sockets: Sockets, call: Call): Answer {
  const { made } = speaker(world, call);
  const upload = found(made, call);
  if (Number(call.request.headers['upload-offset']) !== upload.bytes.length) {
    throw new Refusal(409, 'upload.offset', { headers: { 'upload-offset': String(upload.bytes.length) } });
  }
  upload.bytes = Buffer.concat([upload.bytes, call.bytes]);
  if (upload.bytes.length < upload.size) return { json: stateOf(upload) };
  const { sha256 } = upload as MockUpload & { sha256?: string };
  if (sha256 !== createHash('sha256').update(upload.bytes).digest('hex')) {
    made.uploads.delete(upload.id);
    throw new Refusal(422, 'upload.hash');
  }
  const photo = photoOf(made, upload);
  upload.photo = photo;
  made.photoBytes.set(photo.id, upload.bytes);
  made.visit.photos.push(photo);
  sockets.tell(made, { t: 'photo', photo });
  sockets.tellVisit(made);
  return { json: { photo } };
}

function photoOf(made: MockVisit, upload: MockUpload): api.Photo {
  const id = newId();
  const base = `/api/visits/${made.visit.id}/photos/${id}`;
  return {
    id,
    visit_id: made.visit.id,
    by: upload.by,
    at: iso(),
    content_type: upload.content_type,
    size: upload.size,
    width: null,
    height: null,
    body_site: upload.body_site,
    side: upload.side,
    preview: !upload.content_type.startsWith('image/hei'),
    preview_url: `${base}/preview`,
    original_url: `${base}/original`,
    state: 'ready',
  };
}

function found(made: MockVisit, call: Call): MockUpload {
  const upload = made.uploads.get(call.at.upload ?? '');
  if (!upload) throw new Refusal(404, 'upload.unknown');
  return upload;
}

function stateOf(upload: MockUpload): { upload: api.Upload } | { photo: api.Photo } {
  if (upload.photo) return { photo: upload.photo };
  return { upload: { id: upload.id, offset: upload.bytes.length, size: upload.size } };
}

function image(world: World, call: Call): Answer {
  const { made } = speaker(world, call);
  const bytes = made.photoBytes.get(call.at.photo ?? '');
  const photo = made.visit.photos.find((one) => one.id === call.at.photo);
  if (!bytes || !photo) throw new Refusal(404, 'photo.unknown');
  return { raw: bytes, headers: { 'content-type': photo.content_type } };
}
