/** In the audio thread: gathers what the microphone gives into pieces of 20 ms. */
declare const sampleRate: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

class Microphone extends AudioWorkletProcessor {
  #piece = new Float32Array(Math.round(sampleRate / 50));
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const samples = inputs[0]?.[0];
    if (!samples) return true;
    for (const sample of samples) {
      this.#piece[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled === this.#piece.length) {
        this.port.postMessage(this.#piece, [this.#piece.buffer]);
        this.#piece = new Float32Array(Math.round(sampleRate / 50));
        this.#filled = 0;
      }
    }
    return true;
  }
}

registerProcessor('bianque-microphone', Microphone);
