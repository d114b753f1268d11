/** From the microphone to Opus packets: a worklet gathers samples, the browser's encoder makes packets of them. */
import { VoiceGate, levelDb } from './gate';
import microphoneWorklet from './microphone.worklet.ts?worker&url';
import type { Coding } from './thrift';

export interface Captured {
  /** -dBov, 0 to 127. */
  level: number;
  /** When it was recorded, in microseconds since the capture began. */
  timestampUs: number;
  opus: Uint8Array<ArrayBuffer>;
}

const PIECE_US = 20_000;

export class Capture {
  #context: AudioContext;
  #source: MediaStreamAudioSourceNode | null = null;
  #node: AudioWorkletNode | null = null;
  #encoder: AudioEncoder | null = null;
  #gate = new VoiceGate();
  #levels: number[] = [];
  #at = 0;
  #coding: Coding;

  constructor(
    context: AudioContext,
    coding: Coding,
    private readonly onPacket: (packet: Captured) => void,
  ) {
    this.#context = context;
    this.#coding = coding;
  }

  async start(): Promise<void> {
    await this.#context.audioWorklet.addModule(microphoneWorklet);
    this.#node = new AudioWorkletNode(this.#context, 'bianque-microphone', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    this.#node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>): void => this.#encode(data);
    this.#encoder = new AudioEncoder({ output: (chunk) => this.#take(chunk), error: () => this.#restart() });
    this.#encoder.configure(configOf(this.#coding, this.#context.sampleRate));
  }

  /** Another microphone, or none: nothing is sent then. */
  listen(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = track && this.#context.createMediaStreamSource(new MediaStream([track]));
    if (this.#source && this.#node) this.#source.connect(this.#node);
  }

  recode(coding: Coding): void {
    this.#coding = coding;
    if (this.#encoder?.state === 'configured') this.#encoder.configure(configOf(coding, this.#context.sampleRate));
  }

  close(): void {
    this.#source?.disconnect();
    this.#node?.disconnect();
    if (this.#node) this.#node.port.onmessage = null;
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #encode(samples: Float32Array<ArrayBuffer>): void {
    if (this.#encoder?.state !== 'configured') return;
    this.#levels.push(levelDb(samples));
    const { sampleRate } = this.#context;
    const data = new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: this.#at,
      data: samples,
    });
    this.#at += PIECE_US;
    this.#encoder.encode(data);
    data.close();
  }

  #take(chunk: EncodedAudioChunk): void {
    const pieces = Math.max(1, Math.round((chunk.duration ?? PIECE_US) / PIECE_US));
    const loudest = Math.max(-127, ...this.#levels.splice(0, pieces));
    // The encoder sends nothing for a silence that it finds itself: levels must not run ahead of it.
    this.#levels.splice(0, Math.max(0, this.#levels.length - pieces * 4));
    if (!this.#gate.opens(performance.now(), loudest)) return;
    const opus = new Uint8Array(chunk.byteLength);
    chunk.copyTo(opus);
    this.onPacket({ level: -loudest, timestampUs: chunk.timestamp, opus });
  }

  #restart(): void {
    this.#encoder = new AudioEncoder({ output: (chunk) => this.#take(chunk), error: () => undefined });
    this.#encoder.configure(configOf(this.#coding, this.#context.sampleRate));
  }
}

function configOf({ bitrate, frameMs }: Coding, sampleRate: number): AudioEncoderConfig {
  const opus = { application: 'voip', signal: 'voice', frameDuration: frameMs * 1000, usedtx: true };
  return { codec: 'opus', sampleRate, numberOfChannels: 1, bitrate, opus } as AudioEncoderConfig;
}

/** Whether this browser has what sound without WebRTC takes. */
export async function canSound(): Promise<boolean> {
  if (typeof AudioEncoder === 'undefined' || typeof AudioDecoder === 'undefined' || typeof AudioWorkletNode === 'undefined') return false;
  const decoding: AudioDecoderConfig = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 };
  const answers = [AudioEncoder.isConfigSupported(configOf({ bitrate: 16_000, frameMs: 20 }, 48_000)), AudioDecoder.isConfigSupported(decoding)];
  const supported = await Promise.all(answers).catch(() => []);
  return supported.length > 0 && supported.every((answer) => answer.supported);
}
