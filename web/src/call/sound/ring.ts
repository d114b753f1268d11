/**
 * What a speaker says, on its way to the ear: samples wait here until it is their turn, and where some are missing the
 * last ones fade out in their place.
 *
 * It waits long enough for what comes late to be in time: 60 ms at first, 20 ms more each time that something was too
 * late, and slowly less again while nothing is, down to 60 and up to 200.
 */
const LEAST_MS = 60;
const MOST_MS = 200;
const MORE_MS = 20;
const LESS_MS = 5;
/** Nothing was late for this long: a little less is enough. */
const CALM_MS = 4_000;
/** What has gathered above what is waited for by this much is let go, a piece at a time. */
const SURPLUS_MS = 80;
const PIECE_MS = 10;
/** In place of what is missing the last samples go on, fading, for so long. */
const FADE_MS = 60;

export interface RingFigures {
  /** Samples made up in place of missing ones. */
  concealed: number;
  /** Samples played while somebody spoke, made up or not. */
  total: number;
  depthMs: number;
  targetMs: number;
}

export class PlayoutRing {
  #pieces: Float32Array[] = [];
  #offset = 0;
  #depth = 0;
  #waiting = true;
  #target = LEAST_MS;
  #calm = 0;
  /** Samples since the ring ran dry. */
  #dry = 0;
  /** What was last heard, 20 ms of it. */
  #tail: Float32Array;
  /** Something of these words was heard, and went on too late. */
  #late = false;
  #concealed = 0;
  #total = 0;

  constructor(private readonly rate: number) {
    this.#tail = new Float32Array(this.#samples(20));
  }

  /** Samples of the next frame. `begins`: a silence was before it, so that an empty ring was no loss. */
  push(samples: Float32Array, begins: boolean): void {
    if (begins) {
      this.#tail.fill(0);
      this.#late = false;
    } else if (this.#waiting && this.#depth === 0 && this.#dry > 0) {
      // It came too late: what was missing has been made up, and from now on more is waited for.
      this.#made(this.#dry);
      this.#target = Math.min(MOST_MS, this.#target + MORE_MS);
      this.#calm = 0;
      this.#late = true;
    }
    if (this.#depth === 0) this.#dry = 0;
    this.#pieces.push(samples);
    this.#depth += samples.length;
    if (this.#depth >= this.#samples(this.#target)) this.#waiting = false;
  }

  /** Frames that never came: their time is filled with what was last heard, fading. */
  fill(count: number): void {
    const samples = new Float32Array(Math.min(count, this.#samples(MOST_MS)));
    fade(this.#pieces.at(-1) ?? this.#tail, samples, 0, this.#samples(FADE_MS));
    this.#concealed += samples.length;
    this.#pieces.push(samples);
    this.#depth += samples.length;
  }

  /** The next samples to be heard. */
  pull(out: Float32Array): void {
    if (this.#waiting) {
      fade(this.#tail, out, this.#dry, this.#samples(FADE_MS));
      this.#dry += out.length;
      if (this.#late) this.#made(out.length);
      // The last words of a sentence do not wait for the next sentence.
      if (this.#depth > 0 && this.#dry >= this.#samples(this.#target)) this.#waiting = false;
      return;
    }
    this.#letGo();
    const given = this.#take(out);
    this.#total += given;
    this.#remember(out.subarray(0, given));
    if (given < out.length) {
      fade(this.#tail, out.subarray(given), 0, this.#samples(FADE_MS));
      this.#waiting = true;
      this.#late = false;
      this.#dry = out.length - given;
    }
    this.#relax(out.length);
  }

  figures(): RingFigures {
    const ms = (samples: number): number => (samples * 1000) / this.rate;
    return { concealed: this.#concealed, total: this.#total, depthMs: ms(this.#depth), targetMs: this.#target };
  }

  #take(out: Float32Array): number {
    let given = 0;
    while (given < out.length) {
      const piece = this.#pieces[0];
      if (!piece) break;
      const part = piece.subarray(this.#offset, this.#offset + out.length - given);
      out.set(part, given);
      given += part.length;
      this.#offset += part.length;
      if (this.#offset >= piece.length) {
        this.#pieces.shift();
        this.#offset = 0;
      }
    }
    this.#depth -= given;
    return given;
  }

  /** After a burst there is more than is waited for: pieces of it are skipped until it is what it should be. */
  #letGo(): void {
    if (this.#depth <= this.#samples(this.#target + SURPLUS_MS)) return;
    this.#take(new Float32Array(this.#samples(PIECE_MS)));
  }

  #relax(played: number): void {
    this.#calm += played;
    if (this.#calm < this.#samples(CALM_MS)) return;
    this.#calm = 0;
    this.#target = Math.max(LEAST_MS, this.#target - LESS_MS);
  }

  /** So many samples were heard that nobody sent. */
  #made(count: number): void {
    this.#concealed += count;
    this.#total += count;
  }

  /** Runs for every 128 samples: without a new array. */
  #remember(played: Float32Array): void {
    const keep = this.#tail.length;
    if (played.length >= keep) {
      this.#tail.set(played.subarray(played.length - keep));
      return;
    }
    this.#tail.copyWithin(0, played.length);
    this.#tail.set(played, keep - played.length);
  }

  #samples(ms: number): number {
    return Math.round((ms * this.rate) / 1000);
  }
}

/** Writes `from` again and again, quieter until it is gone after `length` samples; `begun` of them were before. */
function fade(from: Float32Array, out: Float32Array, begun: number, length: number): void {
  for (let index = 0; index < out.length; index += 1) {
    const at = begun + index;
    out[index] = at < length ? (from[at % from.length] ?? 0) * (1 - at / length) : 0;
  }
}
