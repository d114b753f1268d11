/** Windows of statistics: what a connection did between two looks at it. */
import type { CallStats, CallTrack } from '../api/messages';

/** One of the others, since the call began. */
export interface RemoteStats {
  participant: string;
  frames_decoded: number;
  audio_energy: number;
}

/** The members of `RTCStats` that are read here, of whatever type. */
interface Entry {
  id: string;
  type: string;
  kind?: string;
  mid?: string;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  roundTripTime?: number;
  availableOutgoingBitrate?: number;
  bytesSent?: number;
  bytesReceived?: number;
  packetsReceived?: number;
  framesDecoded?: number;
  framesPerSecond?: number;
  frameWidth?: number;
  frameHeight?: number;
  freezeCount?: number;
  totalFreezesDuration?: number;
  concealedSamples?: number;
  totalSamplesReceived?: number;
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  totalAudioEnergy?: number;
}

type Counter = Exclude<keyof Entry, 'id' | 'type' | 'kind' | 'mid' | 'nominated' | 'state'>;

export class StatsWindows {
  #from = new Date();
  #before = new Map<string, Entry>();

  /** Ends the window and begins the next. */
  cut(report: Iterable<[string, unknown]>, tracks: CallTrack[]): { report: CallStats; remotes: RemoteStats[] } {
    const entries = [...report].map(([, entry]) => entry as Entry);
    const received = entries.filter((e) => e.type === 'inbound-rtp');
    const to = new Date();
    const window: CallStats = {
      from: this.#from.toISOString(),
      to: to.toISOString(),
      ...this.#transport(entries),
      audio: this.#audio(received.filter((e) => e.kind === 'audio')),
      video: this.#video(received.filter((e) => e.kind === 'video')),
    };
    this.#from = to;
    this.#before = new Map(entries.map((entry) => [entry.id, entry]));
    return { report: window, remotes: remotes(received, tracks) };
  }

  #transport(entries: Entry[]): Pick<CallStats, 'rtt_ms' | 'available_out_bps' | 'bytes_up' | 'bytes_down'> {
    const pair = entries.find((e) => e.type === 'candidate-pair' && e.nominated && e.state === 'succeeded');
    const sent = entries.filter((e) => e.type === 'outbound-rtp');
    const received = entries.filter((e) => e.type === 'inbound-rtp');
    // Firefox has none of the pair, but of what it sends.
    const trip = pair?.currentRoundTripTime ?? entries.find((e) => e.type === 'remote-inbound-rtp' && e.roundTripTime)?.roundTripTime;
    return {
      rtt_ms: trip === undefined ? null : trip * 1000,
      available_out_bps: pair?.availableOutgoingBitrate ?? null,
      bytes_up: this.#sum(sent, 'bytesSent'),
      bytes_down: this.#sum(received, 'bytesReceived'),
    };
  }

  /** A track on which nothing is sent, as when its microphone is missing, plays silence and counts it as concealed. */
  #audio(all: Entry[]): CallStats['audio'] {
    const tracks = all.filter((entry) => this.#since(entry, 'packetsReceived') > 0);
    const emitted = this.#sum(tracks, 'jitterBufferEmittedCount');
    return {
      concealed: this.#sum(tracks, 'concealedSamples'),
      total: this.#sum(tracks, 'totalSamplesReceived'),
      jitter_buffer_ms: emitted > 0 ? (this.#sum(tracks, 'jitterBufferDelay') * 1000) / emitted : null,
    };
  }

  /** Frames of all pictures; freezes of the worst; rate and size of the largest. */
  #video(tracks: Entry[]): CallStats['video'] {
    const area = (e: Entry): number => (e.frameWidth ?? 0) * (e.frameHeight ?? 0);
    const playing = tracks.filter((entry) => this.#since(entry, 'framesDecoded') > 0);
    const largest = playing.sort((a, b) => area(b) - area(a))[0];
    return {
      frames_decoded: this.#sum(tracks, 'framesDecoded'),
      freezes: this.#worst(tracks, 'freezeCount'),
      freeze_seconds: this.#worst(tracks, 'totalFreezesDuration'),
      fps: largest?.framesPerSecond ?? null,
      width: largest?.frameWidth ?? null,
      height: largest?.frameHeight ?? null,
    };
  }

  /** `null` where the browser does not count it: Firefox counts no freezes. */
  #worst(entries: Entry[], counter: Counter): number | null {
    const counting = entries.filter((entry) => entry[counter] !== undefined);
    return counting.length > 0 ? Math.max(...counting.map((entry) => this.#since(entry, counter))) : null;
  }

  #sum(entries: Entry[], counter: Counter): number {
    return entries.reduce((sum, entry) => sum + this.#since(entry, counter), 0);
  }

  /** A counter's growth in this window. A counter that fell began anew. */
  #since(entry: Entry, counter: Counter): number {
    const now = entry[counter] ?? 0;
    const before = this.#before.get(entry.id)?.[counter] ?? 0;
    return now >= before ? now - before : now;
  }
}

function remotes(received: Entry[], tracks: CallTrack[]): RemoteStats[] {
  const byPerson = new Map<string, RemoteStats>();
  for (const { mid, participant } of tracks) {
    const person = byPerson.get(participant) ?? { participant, frames_decoded: 0, audio_energy: 0 };
    byPerson.set(participant, person);
    for (const entry of received.filter((e) => e.mid === mid)) {
      person.frames_decoded += entry.framesDecoded ?? 0;
      person.audio_energy += entry.totalAudioEnergy ?? 0;
    }
  }
  return [...byPerson.values()];
}
