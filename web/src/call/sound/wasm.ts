/**
 * libopus as WebAssembly, for browsers whose own codecs have no Opus: Firefox on Android, Safari before 26. The module is
 * that of `@evan/opus`; what it has for JavaScript reads files, so the few calls that are needed stand here.
 */
import address from '@evan/opus/wasm/opus.wasm?url';
import { type Codec, type Decoder, type Encoder, PIECE_US, type Packet, RATE } from './codec';
import type { Coding } from './thrift';

/** What the module exports; pointers are numbers. */
interface Opus {
  memory: WebAssembly.Memory;
  malloc(bytes: number): number;
  free(pointer: number): void;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number;
  opus_encoder_ctl_set(state: number, request: number, value: number): number;
  opus_encode(state: number, samples: number, count: number, packet: number, room: number): number;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(state: number, rate: number, channels: number): number;
  opus_decode(state: number, packet: number, length: number, samples: number, room: number, fec: number): number;
}

/** opus_defines.h. */
const VOIP = 2048;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;
const SIGNAL_VOICE = 3001;
/** A phone encodes in the page's own thread. */
const COMPLEXITY = 5;
/** 120 ms. */
const MOST_SAMPLES = 5_760;
const MOST_BYTES = 1_275;

export async function wasmCodec(source?: BufferSource): Promise<Codec> {
  const nothing = (): number => 0;
  const imports = {
    wasi_snapshot_preview1: { fd_seek: nothing, fd_write: nothing, fd_close: nothing, proc_exit: nothing },
    env: { emscripten_notify_memory_growth: nothing },
  };
  const bytes = source ?? (await (await fetch(address)).arrayBuffer());
  const { instance } = (await WebAssembly.instantiate(bytes, imports)) as WebAssembly.WebAssemblyInstantiatedSource;
  const opus = instance.exports as unknown as Opus;
  return {
    encoder: (_, coding, onPacket) => new WasmEncoder(opus, coding, onPacket),
    decoder: (onSamples) => new WasmDecoder(opus, onSamples),
  };
}

class WasmEncoder implements Encoder {
  #state: number;
  #samples: number;
  #packet: number;
  #gathered: Float32Array[] = [];
  #from = 0;

  constructor(
    private readonly opus: Opus,
    private coding: Coding,
    private readonly onPacket: (packet: Packet) => void,
  ) {
    this.#state = opus.malloc(opus.opus_encoder_get_size(1));
    this.#samples = opus.malloc(MOST_SAMPLES * 2);
    this.#packet = opus.malloc(MOST_BYTES);
    opus.opus_encoder_init(this.#state, RATE, 1, VOIP);
    opus.opus_encoder_ctl_set(this.#state, SET_SIGNAL, SIGNAL_VOICE);
    opus.opus_encoder_ctl_set(this.#state, SET_COMPLEXITY, COMPLEXITY);
    opus.opus_encoder_ctl_set(this.#state, SET_DTX, 1);
    opus.opus_encoder_ctl_set(this.#state, SET_BITRATE, coding.bitrate);
  }

  encode(samples: Float32Array<ArrayBuffer>, timestampUs: number): void {
    if (this.#gathered.length === 0) this.#from = timestampUs;
    this.#gathered.push(samples);
    const durationUs = this.#gathered.length * PIECE_US;
    if (durationUs < this.coding.frameMs * 1000) return;
    const count = this.#fill();
    const length = this.opus.opus_encode(this.#state, this.#samples, count, this.#packet, MOST_BYTES);
    // One byte and less is a silence that need not be sent.
    if (length < 2) return;
    const opus = new Uint8Array(this.opus.memory.buffer, this.#packet, length).slice() as Uint8Array<ArrayBuffer>;
    this.onPacket({ opus, timestampUs: this.#from, durationUs });
  }

  recode(coding: Coding): void {
    this.coding = coding;
    this.#gathered = [];
    this.opus.opus_encoder_ctl_set(this.#state, SET_BITRATE, coding.bitrate);
  }

  close(): void {
    for (const pointer of [this.#state, this.#samples, this.#packet]) this.opus.free(pointer);
  }

  /** What was gathered as whole numbers of 16 bits; how many. */
  #fill(): number {
    const room = new Int16Array(this.opus.memory.buffer, this.#samples, MOST_SAMPLES);
    let at = 0;
    for (const piece of this.#gathered) {
      for (const sample of piece) {
        room[at] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767)));
        at += 1;
      }
    }
    this.#gathered = [];
    return at;
  }
}

class WasmDecoder implements Decoder {
  #state: number;
  #samples: number;
  #packet: number;

  constructor(
    private readonly opus: Opus,
    private readonly onSamples: (samples: Float32Array<ArrayBuffer>) => void,
  ) {
    this.#state = opus.malloc(opus.opus_decoder_get_size(1));
    this.#samples = opus.malloc(MOST_SAMPLES * 2);
    this.#packet = opus.malloc(MOST_BYTES);
    opus.opus_decoder_init(this.#state, RATE, 1);
  }

  decode(packet: Uint8Array<ArrayBuffer>): void {
    const length = Math.min(packet.length, MOST_BYTES);
    new Uint8Array(this.opus.memory.buffer, this.#packet, MOST_BYTES).set(packet.subarray(0, length));
    const count = this.opus.opus_decode(this.#state, this.#packet, length, this.#samples, MOST_SAMPLES, 0);
    if (count <= 0) return;
    const whole = new Int16Array(this.opus.memory.buffer, this.#samples, count);
    this.onSamples(Float32Array.from(whole, (sample) => sample / 32_768));
  }

  close(): void {
    for (const pointer of [this.#state, this.#samples, this.#packet]) this.opus.free(pointer);
  }
}
