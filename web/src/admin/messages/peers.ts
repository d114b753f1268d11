/** What is said of another system of the hospital, whether it sends or is told. */

export interface Authority {
  /** As it stands in the identifier; empty: identifiers that name none. */
  name: string;
  /** `identifier.system`. */
  system: string;
}

/** Character sets as MSH-18 names them; the first is what no name stands for. */
export const CHARSETS = [
  '',
  'GB 18030-2000',
  'BIG-5',
  '8859/1',
  '8859/2',
  '8859/5',
  '8859/6',
  '8859/7',
  '8859/8',
  '8859/9',
  '8859/15',
  'ISO IR87',
  'KS X 1001',
] as const;

/** A system is a URI: it has a scheme, and no blanks. */
export function isSystem(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(text.trim());
}

/** An address of one machine, in version 4 or 6. */
export function isAddress(text: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text.split('.').every((part) => Number(part) <= 255 && !/^0\d/.test(part));
  return text.includes(':') && URL.canParse(`http://[${text}]/`);
}

/** Programs write a fingerprint with colons, blanks and capitals. */
export function fingerprintOf(text: string): string {
  return text.replace(/^.*=/, '').replace(/[\s:]/g, '').toLowerCase();
}

/** SHA-256 of a certificate, or none. */
export function isFingerprint(text: string): boolean {
  return /^([0-9a-f]{64})?$/.test(text);
}

export function tidied(authorities: readonly Authority[]): Authority[] {
  return authorities.map(({ name, system }) => ({ name: name.trim(), system: system.trim() }));
}
