/** Frames of sound as they stand in binary messages; docs/api.md has the table. */

const SOUND = 0x11;
const REPORT = 0x12;
const HEADER_BYTES = 8;
/** RFC 7587: timestamps of Opus run at 48 kHz, whatever it samples at. */
export const TICKS_PER_MS = 48;

/** A frame of one speaker. */
export interface SpokenFrame {
  kind: 'sound';
  speaker: number;
  sequence: number;
  timestamp: number;
  opus: Uint8Array<ArrayBuffer>;
}

/** How the server hears this client. */
export interface Report {
  kind: 'report';
  lost: number;
  sequence: number;
  rttMs: number;
}

/** `level` is -dBov, from 0 to 127. */
export function encodeFrame(level: number, sequence: number, timestamp: number, opus: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEADER_BYTES + opus.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, SOUND);
  view.setUint8(1, Math.min(127, Math.max(0, Math.round(level))));
  view.setUint16(2, sequence & 0xffff);
  view.setUint32(4, timestamp >>> 0);
  message.set(opus, HEADER_BYTES);
  return message;
}

/** `null` for what is neither. */
export function decodeMessage(message: ArrayBuffer): SpokenFrame | Report | null {
  if (message.byteLength < HEADER_BYTES) return null;
  const view = new DataView(message);
  const [second, sequence, last] = [view.getUint8(1), view.getUint16(2), view.getUint32(4)];
  switch (view.getUint8(0)) {
    case SOUND:
      if (message.byteLength === HEADER_BYTES) return null;
      return { kind: 'sound', speaker: second, sequence, timestamp: last, opus: new Uint8Array(message, HEADER_BYTES) };
    case REPORT:
      return { kind: 'report', lost: second, sequence, rttMs: last };
    default:
      return null;
  }
}

/** How far `later` is after `earlier` where numbers wrap at 16 bits; negative when it is before. */
export function steps(earlier: number, later: number): number {
  return ((later - earlier) << 16) >> 16;
}

/** How long an Opus packet sounds, in ticks of 48 kHz (RFC 6716, section 3.1). */
export function opusTicks(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const lengths = config < 12 ? [480, 960, 1920, 2880] : config < 16 ? [480, 960, 480, 960] : [120, 240, 480, 960];
  const count = [1, 2, 2, (packet[1] ?? 0) & 0x3f][toc & 3] ?? 1;
  return (lengths[config & 3] ?? 960) * count;
}
