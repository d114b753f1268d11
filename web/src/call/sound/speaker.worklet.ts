/** In the audio thread: plays what one speaker says out of their ring. */
import { PlayoutRing } from './ring';

declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

export type ToSpeaker = { samples: Float32Array; begins: boolean } | { missing: number } | { end: true };

/** How many blocks of 128 samples lie between two reports. */
const REPORT_EVERY = 100;

class Speaker extends AudioWorkletProcessor {
  #ring = new PlayoutRing(sampleRate);
  #blocks = 0;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToSpeaker>): void => {
      if ('samples' in data) this.#ring.push(data.samples, data.begins);
      else if ('missing' in data) this.#ring.fill(data.missing);
      else this.#ended = true;
    };
  }

  process(_: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (out) this.#ring.pull(out);
    this.#blocks += 1;
    if (this.#blocks % REPORT_EVERY === 0) this.port.postMessage(this.#ring.figures());
    return !this.#ended;
  }
}

registerProcessor('bianque-speaker', Speaker);
