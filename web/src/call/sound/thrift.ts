/** How much is sent on the line as it is: less as soon as it fills up, more when it has been well for a while. */

export interface Coding {
  bitrate: number;
  frameMs: number;
}

/** From good to bad. On bad lines headers weigh more than the sound, so frames get longer. */
export const CODINGS: readonly Coding[] = [
  { bitrate: 16_000, frameMs: 20 },
  { bitrate: 12_000, frameMs: 40 },
  { bitrate: 8_000, frameMs: 60 },
  { bitrate: 6_000, frameMs: 60 },
];

/** The browser still holds this much: the line does not take what is sent. */
const HELD_BYTES = 1_500;
/** More than this on the way or held: what is added would come too late. */
const TOO_MUCH_BYTES = 6_000;
/** The server has heard nothing younger than this. */
const BEHIND_MS = 1_800;
const TOO_FAR_BEHIND_MS = 3_000;
const SLOW_RTT_MS = 900;
const WORSE_AGAIN_MS = 2_000;
const BETTER_AFTER_MS = 15_000;

export interface Line {
  /** `WebSocket.bufferedAmount`. */
  heldBytes: number;
  /** Age of what the server last said that it heard, beyond what reports are apart. */
  behindMs: number;
  rttMs: number;
  /** Frames that the server missed since it was last asked. */
  lost: number;
}

export class Thrift {
  #step = 0;
  #changed = 0;
  #trouble = 0;

  get coding(): Coding {
    return CODINGS[this.#step] ?? CODINGS[0]!;
  }

  /** Looks at the line; whether the coding is another one now. */
  look(now: number, line: Line): boolean {
    const troubled = line.heldBytes > HELD_BYTES || line.behindMs > BEHIND_MS || line.rttMs > SLOW_RTT_MS || line.lost > 1;
    if (troubled) this.#trouble = now;
    const step = this.#next(now, troubled);
    if (step === this.#step) return false;
    this.#step = step;
    this.#changed = now;
    return true;
  }

  /** Whether a frame is worth sending, or would only make those after it later. */
  static takes(line: Line): boolean {
    return line.heldBytes <= TOO_MUCH_BYTES && line.behindMs <= TOO_FAR_BEHIND_MS;
  }

  #next(now: number, troubled: boolean): number {
    if (troubled && (this.#step === 0 || now - this.#changed >= WORSE_AGAIN_MS)) return Math.min(CODINGS.length - 1, this.#step + 1);
    const well = now - Math.max(this.#trouble, this.#changed) >= BETTER_AFTER_MS;
    return well ? Math.max(0, this.#step - 1) : this.#step;
  }
}
