/** Whether somebody speaks: silence is not sent. */
const SPEECH_DB = -62;
/** Between words somebody still speaks. */
const PAUSE_MS = 400;
/** Once in so long a frame goes out all the same, so that the others' ears are not startled by a dead line. */
const BREATH_MS = 4_000;

export class VoiceGate {
  #until = 0;
  #sent = Number.NEGATIVE_INFINITY;

  /** Whether a frame of this loudness, dBov, is sent. */
  opens(now: number, levelDb: number): boolean {
    if (levelDb > SPEECH_DB) this.#until = now + PAUSE_MS;
    const open = now < this.#until || now - this.#sent >= BREATH_MS;
    if (open) this.#sent = now;
    return open;
  }
}

/** Loudness of samples in dBov, from -127 to 0 (RFC 6464). */
export function levelDb(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.max(-127, Math.min(0, 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-13)));
}
