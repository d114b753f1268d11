/** Longest voice message. */
export const LONGEST_MS = 120_000;
/** What browsers record in, best first; Safari has only the last. */
const TYPES = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4'];
/** A voice needs no more. */
const BITS_PER_SECOND = 32_000;

export function canRecord(): boolean {
  return typeof MediaRecorder !== 'undefined' && Boolean(navigator.mediaDevices?.getUserMedia) && typeOf() !== undefined;
}

function typeOf(): string | undefined {
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type));
}

export interface Taken {
  sound: Blob;
  durationMs: number;
}

/** A microphone that is being recorded. */
export class VoiceRecorder {
  readonly #stream: MediaStream;
  readonly #recorder: MediaRecorder;
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  readonly #pieces: Blob[] = [];
  readonly #began = performance.now();
  readonly #done: Promise<Taken>;

  /** Throws what `getUserMedia` throws. */
  static async open(): Promise<VoiceRecorder> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
    return new VoiceRecorder(stream);
  }

  private constructor(stream: MediaStream) {
    this.#stream = stream;
    const mimeType = typeOf();
    this.#recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: BITS_PER_SECOND });
    this.#context = new AudioContext();
    this.#analyser = this.#context.createAnalyser();
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
    this.#recorder.addEventListener('dataavailable', ({ data }) => data.size > 0 && this.#pieces.push(data));
    this.#done = new Promise((resolve, reject) => {
      this.#recorder.addEventListener('stop', () => {
        const durationMs = Math.max(1, Math.min(LONGEST_MS, Math.round(this.elapsedMs)));
        resolve({ sound: new Blob(this.#pieces, { type: this.#recorder.mimeType }), durationMs });
      });
      this.#recorder.addEventListener('error', () => reject(new Error('the recorder failed')));
    });
    this.#done.catch(() => undefined);
    this.#recorder.start();
  }

  get elapsedMs(): number {
    return performance.now() - this.#began;
  }

  /** How loud it is now, 0 to 1. */
  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / this.#samples.length + 1e-7);
    return Math.min(1, Math.max(0, (decibels + 55) / 45));
  }

  async stop(): Promise<Taken> {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop();
    try {
      return await this.#done;
    } finally {
      this.close();
    }
  }

  /** Lets go of the microphone; what was recorded is gone unless it was stopped before. */
  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    if (this.#context.state !== 'closed') void this.#context.close();
  }
}
