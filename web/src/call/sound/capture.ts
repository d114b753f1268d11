/** From the microphone to Opus packets: a worklet gathers samples, the codec makes packets of them. */
import { type Codec, type Encoder, PIECE_US, type Packet } from './codec';
import { VoiceGate, levelDb } from './gate';
import microphoneWorklet from './microphone.worklet.ts?worker&url';
import type { Coding } from './thrift';

export interface Captured {
  /** -dBov, 0 to 127. */
  level: number;
  timestampUs: number;
  opus: Uint8Array<ArrayBuffer>;
}

export class Capture {
  #source: MediaStreamAudioSourceNode | null = null;
  #node: AudioWorkletNode | null = null;
  #encoder: Encoder;
  #gate = new VoiceGate();
  /** Levels of pieces that are being encoded, by their time. */
  #levels = new Map<number, number>();
  #at = 0;

  constructor(
    private readonly context: AudioContext,
    codec: Codec,
    coding: Coding,
    private readonly onPacket: (packet: Captured) => void,
  ) {
    this.#encoder = codec.encoder(context.sampleRate, coding, (packet) => this.#take(packet));
  }

  async start(): Promise<void> {
    await this.context.audioWorklet.addModule(microphoneWorklet);
    // Closed meanwhile: WebRTC was there first.
    if (this.context.state === 'closed') return;
    this.#node = new AudioWorkletNode(this.context, 'bianque-microphone', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    this.#node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>): void => {
      this.#levels.set(this.#at, levelDb(data));
      this.#encoder.encode(data, this.#at);
      this.#at += PIECE_US;
    };
  }

  /** Another microphone, or none: nothing is sent then. */
  listen(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = track && this.context.createMediaStreamSource(new MediaStream([track]));
    if (this.#source && this.#node) this.#source.connect(this.#node);
  }

  recode(coding: Coding): void {
    this.#encoder.recode(coding);
  }

  close(): void {
    this.#source?.disconnect();
    this.#node?.disconnect();
    if (this.#node) this.#node.port.onmessage = null;
    this.#encoder.close();
  }

  #take({ opus, timestampUs, durationUs }: Packet): void {
    let loudest = -127;
    for (const [at, level] of this.#levels) {
      if (at >= timestampUs + durationUs) break;
      if (at > timestampUs - PIECE_US) loudest = Math.max(loudest, level);
      this.#levels.delete(at);
    }
    if (this.#gate.opens(performance.now(), loudest)) this.onPacket({ level: -loudest, timestampUs, opus });
  }
}
