/** What is said of another system of the hospital: one that sends HL7 v2, one that is told in it, one that exchanges images. */

export interface Authority {
  /** As it stands in the identifier; empty: identifiers that name none. */
  name: string;
  /** `identifier.system`. */
  system: string;
}

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

/** Words of a field that stand on lines of their own, or apart by blanks, commas and semicolons. */
export function listed(text: string): string[] {
  return text.split(/[\s,;，；]+/).filter((word) => word !== '');
}

/** The port that a field says; 0: none. */
export function portOf(text: string): number {
  return /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
}

export function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** Where it listens. An address of version 6 stands in brackets. */
export function addressOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether what is said to it stays on the machine of the server. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host.trim());
}

/** Whether everybody on the way can read what it is told. */
export function isOpenToAll({ plain, host }: { plain: boolean; host: string }): boolean {
  return plain && !isLoopback(host);
}

/** The name of a machine, or its address; without scheme, port and brackets. */
export function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text) || text.includes(':')) return isAddress(text);
  return /^[^\s/?#@%[\]\\]+$/.test(text) && URL.canParse(`http://${text}/`);
}

/** What is dangerous about a peer, the worst first. */
export type Risk = 'whoever' | 'plain' | 'nameOnly' | 'training';

/** How a peer that comes here is known. */
interface Comes {
  addresses: readonly string[];
  certificate: string;
  plain: boolean;
}

/** What is dangerous about how a peer comes. `name` is what it calls itself; an empty one is that of whoever no other is. */
export function risksOfComing(name: string, { addresses, certificate, plain }: Comes): Risk[] {
  const risks: Risk[] = [];
  if (name === '') risks.push('whoever');
  if (plain) risks.push('plain');
  if (addresses.length === 0 && certificate === '') risks.push('nameOnly');
  return risks;
}
