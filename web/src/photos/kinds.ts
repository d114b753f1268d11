import type { BodySite, Side } from '../api/messages';

/** Limits and lists that the server also holds; checked here first so that nobody uploads for nothing. */
export const LARGEST_BYTES = 50 * 1024 * 1024;
export const BODY_SITES: readonly BodySite[] = [
  'skin', 'face', 'eye', 'mouth', 'throat', 'chest', 'abdomen', 'back', 'arm', 'hand', 'leg', 'foot', 'wound', 'document', 'other',
];
const SIDED: ReadonlySet<BodySite> = new Set(['face', 'eye', 'chest', 'abdomen', 'back', 'arm', 'hand', 'leg', 'foot', 'skin', 'wound']);
export const SIDES: readonly Side[] = ['left', 'right', 'both', 'none'];

export function hasSide(site: BodySite): boolean {
  return SIDED.has(site);
}

const BY_ENDING: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
};
export const ACCEPT = [...new Set(Object.values(BY_ENDING))].join(',');

/** The type of a photo: the browser's word, or by its ending, since many do not know HEIC. Null when it is none of ours. */
export function photoType(file: { type: string; name: string }): string | null {
  const known = new Set(Object.values(BY_ENDING));
  if (known.has(file.type)) return file.type;
  if (file.type && file.type !== 'application/octet-stream') return null;
  return BY_ENDING[file.name.toLowerCase().split('.').pop() ?? ''] ?? null;
}

/** Why a file cannot be sent, as a code of the namespace `errors`; null when it can. */
export function refusalOf(file: { type: string; name: string; size: number }): string | null {
  if (file.size === 0) return 'upload.corrupt';
  if (file.size > LARGEST_BYTES) return 'upload.too-large';
  return photoType(file) ? null : 'upload.type';
}
