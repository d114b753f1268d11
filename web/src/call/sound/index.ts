/**
 * A call with sound alone: microphone, encoder and socket one way, socket, decoders and rings the other. It is a chunk of
 * its own, fetched when WebRTC does not come.
 */
import type { CallStats } from '../../api/messages';
import { type Speaker, socketAddress } from '../../api/client';
import { Capture, type Captured } from './capture';
import { type Codec, RATE, findCodec } from './codec';
import { TICKS_PER_MS, decodeMessage, encodeFrame, steps } from './frames';
import { Playback, type HeardTrack } from './playback';
import { type Line, Thrift } from './thrift';

export interface SoundCallOptions {
  visitId: string;
  as: Speaker;
  onTracks(tracks: HeardTrack[]): void;
  codec: Codec;
  /** The socket is open and the server has let one in, or that is over. */
  onOpen(open: boolean): void;
}

const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** Frames whose time of sending is remembered: what the server has heard of tells how far behind it is. */
const REMEMBERED = 512;
/** Reports come once a second. */
const REPORT_MS = 1_000;

export { findCodec };

export class SoundCall {
  #context = new AudioContext({ sampleRate: RATE, latencyHint: 'interactive' });
  #thrift = new Thrift();
  #capture: Capture;
  #playback: Playback;
  #socket: WebSocket | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #sequence = 0;
  #sentAt = new Map<number, number>();
  #line: Line = { heldBytes: 0, behindMs: 0, rttMs: 0, lost: 0 };
  #reported = false;
  #bytes = { up: 0, down: 0 };
  #before = { from: new Date(), up: 0, down: 0, concealed: 0, total: 0 };

  constructor(private readonly options: SoundCallOptions) {
    this.#capture = new Capture(this.#context, options.codec, this.#thrift.coding, (packet) => this.#send(packet));
    this.#playback = new Playback(this.#context, options.codec, options.onTracks);
    // Where a browser wants a press before anything sounds, the next one will do.
    document.addEventListener('pointerdown', this.#wake);
  }

  async start(track: MediaStreamTrack | null): Promise<void> {
    this.#open();
    await Promise.all([this.#context.resume(), this.#capture.start()]);
    if (!this.#closed) this.#capture.listen(track);
  }

  setMicrophone(track: MediaStreamTrack | null): void {
    this.#capture.listen(track);
  }

  /** The network may be another one: the socket of the former may stay open for minutes. */
  reopen(): void {
    const former = this.#socket;
    if (former?.readyState !== WebSocket.OPEN) return;
    this.#tries = 0;
    this.#lost();
    former.close();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    document.removeEventListener('pointerdown', this.#wake);
    this.#socket?.close();
    this.#capture.close();
    this.#playback.close();
    void this.#context.close();
  }

  /** What happened since it was last asked. */
  stats(): CallStats {
    const { concealed, total, waitMs } = this.#playback.figures();
    const [to, before, { up, down }] = [new Date(), this.#before, this.#bytes];
    this.#before = { from: to, up, down, concealed, total };
    return {
      from: before.from.toISOString(),
      to: to.toISOString(),
      rtt_ms: this.#reported ? this.#line.rttMs : null,
      available_out_bps: null,
      bytes_up: up - before.up,
      bytes_down: down - before.down,
      audio: { concealed: concealed - before.concealed, total: total - before.total, jitter_buffer_ms: waitMs },
      video: { frames_decoded: 0, freezes: null, freeze_seconds: null, fps: null, width: null, height: null },
    };
  }

  #wake = (): void => void this.#context.resume();

  #open(): void {
    const { visitId, as } = this.options;
    const socket = new WebSocket(socketAddress(`/visits/${encodeURIComponent(visitId)}/sound`, as));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (this.#socket !== socket) return;
      if (typeof data === 'string') this.#told(data);
      else this.#heard(data);
    });
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  #lost(): void {
    if (this.#closed) return;
    this.#socket = null;
    this.options.onOpen(false);
    void this.#playback.tell([]);
    this.#sentAt.clear();
    this.#timer = setTimeout(() => this.#open(), AGAIN_MS[Math.min(this.#tries, AGAIN_MS.length - 1)]);
    this.#tries += 1;
  }

  #told(text: string): void {
    const message = JSON.parse(text) as { t: string; state?: string; speakers?: { number: number; participant: string }[] };
    if (message.t === 'call.speakers') void this.#playback.tell(message.speakers ?? []);
    if (message.t !== 'call.state') return;
    if (message.state === 'connected') this.#tries = 0;
    this.options.onOpen(message.state === 'connected');
  }

  #heard(data: ArrayBuffer): void {
    const message = decodeMessage(data);
    if (message?.kind === 'sound') {
      this.#bytes.down += message.opus.length;
      this.#playback.hear(message);
    } else if (message?.kind === 'report') {
      this.#reported = true;
      this.#line = { ...this.#line, rttMs: message.rttMs, lost: message.lost, behindMs: this.#behind(message.sequence) };
      this.#look();
    }
  }

  /** How old the oldest frame is that the server has not heard of, beyond what reports are apart. */
  #behind(heard: number): number {
    for (const sequence of this.#sentAt.keys()) {
      if (steps(heard, sequence) > 0) break;
      this.#sentAt.delete(sequence);
    }
    const [oldest] = this.#sentAt.values();
    return oldest === undefined ? 0 : Math.max(0, performance.now() - oldest - this.#line.rttMs / 2);
  }

  #look(): void {
    this.#line = { ...this.#line, heldBytes: this.#socket?.bufferedAmount ?? 0 };
    if (this.#thrift.look(performance.now(), this.#line)) this.#capture.recode(this.#thrift.coding);
  }

  #send({ level, timestampUs, opus }: Captured): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const now = performance.now();
    const [oldest] = this.#sentAt.values();
    const behindMs = oldest === undefined ? 0 : Math.max(0, now - oldest - REPORT_MS);
    if (!Thrift.takes({ ...this.#line, heldBytes: socket.bufferedAmount, behindMs })) {
      this.#look();
      return;
    }
    if (this.#sentAt.size < REMEMBERED) this.#sentAt.set(this.#sequence, now);
    this.#bytes.up += opus.length;
    socket.send(encodeFrame(level, this.#sequence, Math.round((timestampUs * TICKS_PER_MS) / 1000), opus));
  }
}
