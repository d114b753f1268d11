/** Opus, by the browser's own codecs where it has them, else by libopus as WebAssembly. */
import type { Coding } from './thrift';

export interface Packet {
  opus: Uint8Array<ArrayBuffer>;
  /** When it was recorded, in microseconds since the beginning. */
  timestampUs: number;
  durationUs: number;
}
export interface Encoder {
  /** Takes 20 ms of sound, one channel. */
  encode(samples: Float32Array<ArrayBuffer>, timestampUs: number): void;
  recode(coding: Coding): void;
  close(): void;
}
export interface Decoder {
  decode(opus: Uint8Array<ArrayBuffer>): void;
  close(): void;
}
export interface Codec {
  encoder(sampleRate: number, coding: Coding, onPacket: (packet: Packet) => void): Encoder;
  /** Gives samples at 48 kHz, one channel, for each packet in turn. */
  decoder(onSamples: (samples: Float32Array<ArrayBuffer>) => void): Decoder;
}

export const RATE = 48_000;
export const PIECE_US = 20_000;

/** The codec of this browser; `null` where sound without WebRTC cannot be. */
export async function findCodec(): Promise<Codec | null> {
  if (typeof AudioWorkletNode === 'undefined') return null;
  if (await hasOwn()) return own;
  const { wasmCodec } = await import('./wasm');
  return wasmCodec().catch(() => null);
}

async function hasOwn(): Promise<boolean> {
  if (typeof AudioEncoder === 'undefined' || typeof AudioDecoder === 'undefined') return false;
  const decoding: AudioDecoderConfig = { codec: 'opus', sampleRate: RATE, numberOfChannels: 1 };
  const asked = [AudioEncoder.isConfigSupported(configOf({ bitrate: 16_000, frameMs: 20 }, RATE)), AudioDecoder.isConfigSupported(decoding)];
  const answers = await Promise.all(asked).catch(() => []);
  return answers.length > 0 && answers.every((answer) => answer.supported);
}

const own: Codec = {
  encoder: (sampleRate, coding, onPacket) => new OwnEncoder(sampleRate, coding, onPacket),
  decoder: (onSamples) => new OwnDecoder(onSamples),
};

class OwnEncoder implements Encoder {
  #encoder: AudioEncoder;

  constructor(
    private readonly sampleRate: number,
    private coding: Coding,
    private readonly onPacket: (packet: Packet) => void,
  ) {
    this.#encoder = this.#make();
  }

  encode(samples: Float32Array<ArrayBuffer>, timestampUs: number): void {
    // An encoder that failed is closed; the next one begins with the next sound.
    if (this.#encoder.state === 'closed') this.#encoder = this.#make();
    const { sampleRate } = this;
    const data = new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: timestampUs,
      data: samples,
    });
    this.#encoder.encode(data);
    data.close();
  }

  recode(coding: Coding): void {
    this.coding = coding;
    if (this.#encoder.state === 'configured') this.#encoder.configure(configOf(coding, this.sampleRate));
  }

  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #make(): AudioEncoder {
    const output = (chunk: EncodedAudioChunk): void => {
      const opus = new Uint8Array(chunk.byteLength);
      chunk.copyTo(opus);
      this.onPacket({ opus, timestampUs: chunk.timestamp, durationUs: chunk.duration ?? PIECE_US });
    };
    const encoder = new AudioEncoder({ output, error: () => undefined });
    encoder.configure(configOf(this.coding, this.sampleRate));
    return encoder;
  }
}

class OwnDecoder implements Decoder {
  #decoder: AudioDecoder;
  #at = 0;

  constructor(private readonly onSamples: (samples: Float32Array<ArrayBuffer>) => void) {
    this.#decoder = this.#make();
  }

  decode(data: Uint8Array<ArrayBuffer>): void {
    if (this.#decoder.state === 'closed') this.#decoder = this.#make();
    this.#at += PIECE_US;
    this.#decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: this.#at, data }));
  }

  close(): void {
    if (this.#decoder.state !== 'closed') this.#decoder.close();
  }

  #make(): AudioDecoder {
    const output = (data: AudioData): void => {
      const samples = new Float32Array(data.numberOfFrames);
      data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      data.close();
      this.onSamples(samples);
    };
    const decoder = new AudioDecoder({ output, error: () => undefined });
    decoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1 });
    return decoder;
  }
}

function configOf({ bitrate, frameMs }: Coding, sampleRate: number): AudioEncoderConfig {
  const opus = { application: 'voip', signal: 'voice', frameDuration: frameMs * 1000, usedtx: true };
  return { codec: 'opus', sampleRate, numberOfChannels: 1, bitrate, opus } as AudioEncoderConfig;
}
