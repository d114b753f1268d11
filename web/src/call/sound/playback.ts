/** From the frames of the speakers to tracks that can be heard: one decoder and one ring for each of them. */
import { type Codec, type Decoder, RATE } from './codec';
import { type SpokenFrame, opusTicks, steps } from './frames';
import type { RingFigures } from './ring';
import speakerWorklet from './speaker.worklet.ts?worker&url';
import type { ToSpeaker } from './speaker.worklet';

export interface HeardTrack {
  participant: string;
  track: MediaStreamTrack;
}
/** Of all speakers together, since the beginning. */
export interface PlaybackFigures {
  concealed: number;
  total: number;
  /** How long sound waited, the longest. */
  waitMs: number | null;
}

/** Packets that a decoder works on at once. */
const MOST_DECODING = 16;

export class Playback {
  #speakers = new Map<number, Voice>();
  #gone: RingFigures[] = [];
  #ready: Promise<void>;

  constructor(
    private readonly context: AudioContext,
    private readonly codec: Codec,
    private readonly onTracks: (tracks: HeardTrack[]) => void,
  ) {
    this.#ready = context.audioWorklet.addModule(speakerWorklet);
  }

  /** Who speaks under which number. */
  async tell(told: readonly { number: number; participant: string }[]): Promise<void> {
    await this.#ready;
    if (this.context.state === 'closed') return;
    for (const [number, voice] of this.#speakers) {
      if (told.some((one) => one.number === number && one.participant === voice.participant)) continue;
      this.#gone.push(voice.figures);
      voice.close();
      this.#speakers.delete(number);
    }
    for (const { number, participant } of told) {
      if (!this.#speakers.has(number)) this.#speakers.set(number, new Voice(this.context, this.codec, participant));
    }
    this.onTracks([...this.#speakers.values()].map(({ participant, track }) => ({ participant, track })));
  }

  hear(frame: SpokenFrame): void {
    this.#speakers.get(frame.speaker)?.hear(frame);
  }

  figures(): PlaybackFigures {
    const voices = [...this.#speakers.values()].map((voice) => voice.figures);
    const all = [...voices, ...this.#gone];
    const sum = (of: (one: RingFigures) => number): number => all.reduce((whole, one) => whole + of(one), 0);
    return {
      concealed: sum((one) => one.concealed),
      total: sum((one) => one.total),
      waitMs: voices.length > 0 ? Math.max(...voices.map((one) => one.targetMs)) : null,
    };
  }

  close(): void {
    for (const voice of this.#speakers.values()) voice.close();
    this.#speakers.clear();
    this.onTracks([]);
  }
}

class Voice {
  figures: RingFigures = { concealed: 0, total: 0, depthMs: 0, targetMs: 0 };
  readonly track: MediaStreamTrack;
  #node: AudioWorkletNode;
  #out: MediaStreamAudioDestinationNode;
  #decoder: Decoder;
  #last: { sequence: number; end: number } | null = null;
  /** For each packet that is being decoded, whether it begins anew. */
  #begins: boolean[] = [];

  constructor(
    context: AudioContext,
    codec: Codec,
    readonly participant: string,
  ) {
    this.#node = new AudioWorkletNode(context, 'bianque-speaker', { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }: MessageEvent<RingFigures>): void => void (this.figures = data);
    this.#out = context.createMediaStreamDestination();
    this.#node.connect(this.#out);
    this.track = this.#out.stream.getAudioTracks()[0]!;
    this.#decoder = codec.decoder((samples) => this.#send({ samples, begins: this.#begins.shift() ?? false }, [samples.buffer]));
  }

  hear(frame: SpokenFrame): void {
    const missing = this.#last ? steps(this.#last.sequence, frame.sequence) - 1 : 0;
    if (missing < 0) return;
    const ticks = opusTicks(frame.opus);
    const quiet = this.#last ? (frame.timestamp - this.#last.end) >>> 0 : 0;
    // Nothing was lost and yet time has passed: a silence.
    const begins = !this.#last || (missing === 0 && quiet > ticks && quiet < 0x8000_0000);
    if (missing > 0) this.#send({ missing: Math.min(quiet, 0x8000_0000) % (10 * RATE) });
    this.#last = { sequence: frame.sequence, end: (frame.timestamp + ticks) >>> 0 };
    // A packet that cannot be decoded gives nothing: what is remembered of it must not be taken for the next one's.
    this.#begins.splice(0, Math.max(0, this.#begins.length - MOST_DECODING));
    this.#begins.push(begins);
    this.#decoder.decode(frame.opus);
  }

  close(): void {
    this.#send({ end: true });
    this.#node.disconnect();
    this.#decoder.close();
    this.track.stop();
  }

  #send(message: ToSpeaker, hand: Transferable[] = []): void {
    this.#node.port.postMessage(message, hand);
  }
}
