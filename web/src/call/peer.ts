/**
 * One call: the browser's side of the media server, over `RTCPeerConnection`.
 *
 * What this client sends goes out in its own offers; what others send comes in offers of the server. When both offer at
 * once the client's offer wins: an offer of the server that finds ours open is ignored, and the server sends it again.
 * Everything that touches the session description runs in one queue, one step after the other.
 *
 * Microphone, camera and their devices are changed by `replaceTrack`, which needs no negotiation. A connection that
 * fails is restarted here; a session that the server gave up is joined anew, and the others see the same person again.
 */
import type { CallMessageFromClient, CallMessageFromServer, CallStats, CallTrack, TrackSource } from '../api/messages';
import type { DataUse } from './dataUse';
import { applyDataUse, encodingsOf } from './encodings';
import { Pulse } from './pulse';
import { type RestartCause, Restarts, restartAgainAfter } from './restarts';
import type { Sides } from './shown';
import { StatsWindows, type RemoteStats } from './stats';
import { type Way, lookAgainAfter, pathOf } from './way';

export interface RemoteTrack extends CallTrack {
  track: MediaStreamTrack;
  /** It is not sent at present, to keep the sound. */
  paused?: boolean;
}

export type CallState =
  | { state: 'connecting' }
  | { state: 'connected' }
  /** Media does not flow; it is being brought back. */
  | { state: 'reconnecting' }
  /** The server has no room for the call now, or is being started anew: it is tried again. */
  | { state: 'waiting'; code: string }
  /** Refused by the server, taken over by another window, or ended. Nothing more happens by itself. */
  | { state: 'rejected' | 'replaced' | 'ended'; code?: string; message?: string };

export interface CallPeerOptions {
  send(message: CallMessageFromClient): void;
  /** All tracks of the others, whenever they change. */
  onTracks(tracks: RemoteTrack[]): void;
  onState(state: CallState): void;
  /** Media does not come as it did: the network may be another one. */
  onDoubt(): void;
  /** The servers to reach the call by, as they are now: their passwords change. */
  iceServers(): RTCIceServer[];
}

/**
 * Wait before a connection that was lost is restarted. The browser has waited for some seconds already before it says
 * so, and a restart disturbs nothing that comes back by itself.
 */
const RESTART_AFTER_MS = 300;
const LOOK_EVERY_MS = 400;
/** Codes of the server for sessions that are over while the visit goes on. */
const JOIN_AGAIN = new Set(['timed-out', 'failed']);
/** Codes of a join that was refused for now, and how long to wait before it is tried again: not all in one instant. */
const TRY_AGAIN = new Set(['call.busy', 'call.restarting']);
const tryAgainAfterMs = (): number => 8_000 + Math.random() * 4_000;

export class CallPeer {
  readonly #options: CallPeerOptions;
  #connection: RTCPeerConnection | null = null;
  #senders = new Map<TrackSource, RTCRtpTransceiver>();
  #sent = new Map<TrackSource, MediaStreamTrack | null>();
  #told: CallTrack[] = [];
  #paused: readonly string[] = [];
  /** What is shown of the pictures; `null` before anything is known of it. */
  #sides: Sides | null = null;
  #viewTold = '';
  #use: DataUse;
  #queue: Promise<void> = Promise.resolve();
  #offerWanted = false;
  #restartWanted = false;
  #restarting = new Restarts();
  #joined = false;
  #answered = false;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #pathTimer: ReturnType<typeof setInterval> | undefined;
  #pulse = new Pulse(0);
  #silent = false;
  #way: Way | null = null;
  #restarts = 0;
  /** When a better path was last looked for, and how often. */
  #climb = { looks: 0, at: 0 };
  #windows = new StatsWindows();
  #over = false;

  constructor(options: CallPeerOptions, use: DataUse = 'full') {
    this.#options = options;
    this.#use = use;
    window.addEventListener('online', this.#online);
  }

  /** Joins with what the stream holds; without camera or microphone the call goes on with what there is. */
  async start(stream: MediaStream | null): Promise<void> {
    this.#sent.set('microphone', stream?.getAudioTracks()[0] ?? null);
    this.#sent.set('camera', stream?.getVideoTracks()[0] ?? null);
    await this.#join();
  }

  /** Joins anew with the same tracks: after the signalling socket was lost and is back. */
  async rejoin(): Promise<void> {
    if (!this.#over && this.#joined) await this.#join();
  }

  /** Takes a message of the server whose `t` begins with `call.`. */
  handle(message: CallMessageFromServer): void {
    const connection = this.#connection;
    switch (message.t) {
      case 'call.answer':
        this.#answered = true;
        void this.#enqueue(connection, (c) => this.#takeAnswer(c, message.sdp));
        break;
      case 'call.offer':
        void this.#enqueue(connection, (c) => this.#takeOffer(c, message.sdp));
        break;
      case 'call.tracks':
        this.#told = message.tracks;
        this.#tellTracks();
        this.#tellView();
        break;
      case 'call.paused':
        this.#paused = message.mids;
        this.#tellTracks();
        break;
      case 'call.state':
        this.#takeState(message);
        break;
    }
  }

  /** Another microphone, or none: the others hear silence. */
  async setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    await this.#replace('microphone', track);
  }

  /** Another camera, or none. */
  async setCamera(track: MediaStreamTrack | null): Promise<void> {
    await this.#replace('camera', track);
  }

  /** Shows a screen or window beside the camera, until `stopScreen` or the end of the track. */
  async shareScreen(track: MediaStreamTrack): Promise<void> {
    this.#sent.set('screen', track);
    track.addEventListener('ended', () => {
      if (this.#sent.get('screen') === track) void this.stopScreen();
    });
    await this.#enqueue(this.#connection, async (connection) => {
      const existing = this.#senders.get('screen');
      if (existing) {
        track.contentHint = 'detail';
        await existing.sender.replaceTrack(track);
        existing.direction = 'sendonly';
      } else {
        this.#addSender(connection, 'screen', track);
      }
      await this.#offer(connection);
    });
  }

  async stopScreen(): Promise<void> {
    this.#sent.delete('screen');
    await this.#enqueue(this.#connection, async (connection) => {
      const screen = this.#senders.get('screen');
      if (!screen) return;
      await screen.sender.replaceTrack(null);
      screen.direction = 'inactive';
      await this.#offer(connection);
    });
  }

  /** Which pictures are shown, and how large; the server sends no more than that. */
  show(sides: Sides): void {
    this.#sides = sides;
    this.#tellView();
  }

  /** Brings what is sent to another use of data. */
  async setDataUse(use: DataUse): Promise<void> {
    this.#use = use;
    await this.#enqueue(this.#connection, async () => {
      for (const [source, { sender }] of this.#senders) await applyDataUse(sender, source, use);
    });
  }

  /** The browser says that the network is another one: looks for a way by it. Tracks and people stay as they are. */
  networkChanged(): void {
    if (this.#flows()) this.#restartIce('change');
  }

  /** Hangs up. */
  close(): void {
    if (this.#over) return;
    if (this.#joined) this.#options.send({ t: 'call.leave' });
    this.#end({ state: 'ended' });
  }

  /** What happened since it was last called: for the server, and for each of the others. */
  async stats(): Promise<{ report: CallStats; remotes: RemoteStats[] } | null> {
    const connection = this.#connection;
    if (!connection) return null;
    return this.#windows.cut(await connection.getStats(), this.#told);
  }

  /** By which way media flows; `null` while it does not, or the browser has not said it yet. */
  get way(): Way | null {
    return this.#flows() ? this.#way : null;
  }

  async #join(): Promise<void> {
    this.#drop();
    const connection = new RTCPeerConnection(this.#configuration());
    this.#connection = connection;
    this.#joined = false;
    this.#answered = false;
    this.#told = [];
    this.#paused = [];
    this.#viewTold = '';
    this.#windows = new StatsWindows();
    connection.addEventListener('track', () => this.#tellTracks());
    this.#silent = false;
    this.#way = null;
    this.#pulse = new Pulse(Date.now());
    this.#restarting = new Restarts();
    this.#climb = { looks: 0, at: Date.now() };
    this.#pathTimer = setInterval(() => void this.#lookAtPath(), LOOK_EVERY_MS);
    connection.addEventListener('connectionstatechange', () => this.#connectionChanged(connection));
    this.#options.onState({ state: 'connecting' });
    await this.#enqueue(connection, async () => {
      // Both lines are there from the start, so that a device found later needs no negotiation.
      this.#addSender(connection, 'microphone', this.#sent.get('microphone') ?? null);
      this.#addSender(connection, 'camera', this.#sent.get('camera') ?? null);
      const screen = this.#sent.get('screen');
      if (screen) this.#addSender(connection, 'screen', screen);
      await this.#offer(connection);
    });
  }

  #configuration(): RTCConfiguration {
    return { bundlePolicy: 'max-bundle', iceServers: this.#options.iceServers() };
  }

  #addSender(connection: RTCPeerConnection, source: TrackSource, track: MediaStreamTrack | null): void {
    const sendEncodings = encodingsOf(source, this.#use);
    // Of a screen every word is to be legible: rather fewer pictures than blurred ones.
    if (source === 'screen' && track) track.contentHint = 'detail';
    const transceiver = connection.addTransceiver(track ?? (source === 'microphone' ? 'audio' : 'video'), {
      direction: 'sendonly',
      sendEncodings,
    });
    this.#senders.set(source, transceiver);
  }

  async #replace(source: TrackSource, track: MediaStreamTrack | null): Promise<void> {
    this.#sent.set(source, track);
    await this.#enqueue(this.#connection, async () => {
      await this.#senders.get(source)?.sender.replaceTrack(track);
    });
  }

  async #offer(connection: RTCPeerConnection): Promise<void> {
    if (connection.signalingState !== 'stable') {
      this.#offerWanted = true;
      return;
    }
    const iceRestart = this.#restartWanted;
    if (iceRestart) {
      connection.setConfiguration(this.#configuration());
      this.#restarting.offered();
    }
    this.#offerWanted = false;
    this.#restartWanted = false;
    await connection.setLocalDescription(await connection.createOffer({ iceRestart }));
    const sdp = connection.localDescription?.sdp ?? '';
    this.#options.send({ t: this.#joined ? 'call.offer' : 'call.join', sdp, sources: this.#sources() });
    this.#joined = true;
  }

  #sources(): Record<string, TrackSource> {
    const sources: Record<string, TrackSource> = {};
    for (const [source, transceiver] of this.#senders) {
      if (transceiver.mid !== null && transceiver.direction === 'sendonly') sources[transceiver.mid] = source;
    }
    return sources;
  }

  async #takeAnswer(connection: RTCPeerConnection, sdp: string): Promise<void> {
    if (connection.signalingState !== 'have-local-offer') return;
    await connection.setRemoteDescription({ type: 'answer', sdp });
    this.#restarting.answered();
    if (this.#use !== 'full') for (const [source, { sender }] of this.#senders) await applyDataUse(sender, source, this.#use);
    this.#tellTracks();
    if (this.#offerWanted) await this.#offer(connection);
  }

  async #takeOffer(connection: RTCPeerConnection, sdp: string): Promise<void> {
    // Ours is open and wins; the server offers again.
    if (connection.signalingState !== 'stable') return;
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    this.#options.send({ t: 'call.answer', sdp: connection.localDescription?.sdp ?? '' });
    this.#tellTracks();
  }

  #takeState(message: Extract<CallMessageFromServer, { t: 'call.state' }>): void {
    const { state, code, message: text } = message;
    // Before the answer to a join, what is said of a session is said of the one before.
    if (!this.#answered && state !== 'rejected') return;
    if (state === 'connected') {
      if (!this.#silent) this.#options.onState({ state: 'connected' });
    } else if (state === 'replaced') {
      this.#end({ state });
    } else if (state === 'rejected') {
      void this.#rejected(code, text);
    } else if (code === 'silent') {
      this.#lost();
    } else if (code === 'restarting') {
      // The greeting of the server, once it is back, has the call joined anew.
      this.#wait('call.restarting');
    } else if (code !== undefined && JOIN_AGAIN.has(code)) {
      void this.rejoin();
    } else {
      this.#end({ state: 'ended', ...(code === undefined ? {} : { code }), ...(text === undefined ? {} : { message: text }) });
    }
  }

  /** A refused join ends the call. A refused change is taken back, and the call goes on as it was. */
  async #rejected(code?: string, message?: string): Promise<void> {
    const connection = this.#connection;
    if (connection?.currentRemoteDescription) {
      await this.#enqueue(connection, async () => {
        if (connection.signalingState === 'have-local-offer') {
          await connection.setLocalDescription({ type: 'rollback' });
          this.#restarting.answered();
        }
      });
      return;
    }
    if (code !== undefined && TRY_AGAIN.has(code)) return this.#wait(code);
    this.#end({ state: 'rejected', ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) });
  }

  /** Without a call for now. It is tried again, and by whoever finds that the server is back. */
  #wait(code: string): void {
    this.#drop();
    this.#told = [];
    this.#options.onTracks([]);
    this.#options.onState({ state: 'waiting', code });
    this.#restartTimer = setTimeout(() => void this.rejoin(), tryAgainAfterMs());
  }

  #connectionChanged(connection: RTCPeerConnection): void {
    if (connection !== this.#connection) return;
    if (connection.connectionState === 'connected') {
      clearTimeout(this.#restartTimer);
      this.#restartTimer = undefined;
      this.#restarts = 0;
      this.#options.onState({ state: 'connected' });
      void this.#lookAtPath();
    } else if (connection.connectionState === 'disconnected') {
      this.#lost();
    } else if (connection.connectionState === 'failed') {
      this.#restarting.forget();
      this.#lost(0);
    }
  }

  #flows(): boolean {
    return this.#connection?.connectionState === 'connected' && !this.#silent;
  }

  /** Restarts until it helps. */
  #lost(after: number = RESTART_AFTER_MS): void {
    if (this.#over) return;
    this.#options.onState({ state: 'reconnecting' });
    clearTimeout(this.#restartTimer);
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      if (this.#connection?.connectionState === 'connected') return;
      const wait = this.#restarting.wait(Date.now(), 'dead');
      if (wait > 0) return this.#lost(wait);
      this.#mend();
      this.#lost(restartAgainAfter(this.#restarts));
      this.#restarts += 1;
    }, after);
  }

  /** A restart needs the link to the server, which may be as dead as the path. */
  #mend(): void {
    this.#options.onDoubt();
    this.#restartIce('dead');
  }

  #restartIce(cause: RestartCause): void {
    const now = Date.now();
    if (this.#restarting.wait(now, cause) > 0) return;
    this.#restarting.begin(now);
    void this.#enqueue(this.#connection, async (connection) => {
      // It would follow the one that waits for its answer at once, and throw away what that finds.
      if (this.#restarting.isOffered) return;
      this.#restartWanted = true;
      await this.#offer(connection);
    });
  }

  /**
   * Looks after the path. A browser notices a path that is dead only after many seconds; and one that goes over TCP or a
   * relay it keeps, though UDP may pass again. A restart mends both, and the call goes on meanwhile.
   */
  async #lookAtPath(): Promise<void> {
    const connection = this.#connection;
    if (connection?.connectionState !== 'connected' || this.#restartTimer) return;
    const path = pathOf(await connection.getStats());
    if (!path || connection !== this.#connection) return;
    const now = Date.now();
    const sign = this.#pulse.look(now, path.bytes);
    if (sign === 'flows') this.#restarting.flows(now);
    if (sign === 'flows' && (this.#silent || path.way !== this.#way)) {
      this.#silent = false;
      this.#way = path.way;
      this.#options.onState({ state: 'connected' });
    }
    if (sign === 'silent') {
      this.#silent = true;
      this.#options.onState({ state: 'reconnecting' });
    }
    if (sign === 'doubtful' || (this.#silent && this.#restarting.wait(now, 'dead') === 0)) {
      this.#mend();
    } else if (path.way === 'udp') {
      this.#climb = { looks: 0, at: now };
    } else if (now - this.#climb.at > lookAgainAfter(this.#climb.looks)) {
      this.#climb = { looks: this.#climb.looks + 1, at: now };
      this.#restartIce('change');
    }
  }

  readonly #online = (): void => {
    this.#restarts = 0;
    this.#restarting.forget();
    if (this.#connection && this.#connection.connectionState !== 'connected') this.#lost(0);
  };

  #tellTracks(): void {
    const byMid = new Map((this.#connection?.getTransceivers() ?? []).map((t) => [t.mid, t.receiver.track]));
    const tracks: RemoteTrack[] = [];
    for (const told of this.#told) {
      const track = byMid.get(told.mid);
      if (track) tracks.push({ ...told, track, ...(this.#paused.includes(told.mid) && { paused: true }) });
    }
    this.#options.onTracks(tracks);
  }

  #tellView(): void {
    const sides = this.#sides;
    if (!sides || !this.#joined || !this.#connection) return;
    const tracks = new Map(this.#connection.getTransceivers().map((t) => [t.mid, t.receiver.track.id]));
    const pictures = this.#told.filter((track) => track.kind === 'video');
    const shown = pictures.flatMap(({ mid }) => {
      const side = sides.get(tracks.get(mid) ?? '');
      return side === undefined ? [] : [{ mid, side }];
    });
    const said = JSON.stringify(shown);
    if (said === this.#viewTold) return;
    this.#viewTold = said;
    this.#options.send({ t: 'call.view', shown });
  }

  /** Runs a step after those before it, unless its connection has been replaced meanwhile. */
  #enqueue(
    connection: RTCPeerConnection | null,
    step: (connection: RTCPeerConnection) => Promise<void>,
  ): Promise<void> {
    const run = this.#queue.then(async () => {
      if (connection && connection === this.#connection) await step(connection);
    });
    // A step that failed must not stop those after it; whoever asked for it sees the error.
    this.#queue = run.catch(() => undefined);
    return run;
  }

  #end(state: CallState): void {
    this.#over = true;
    window.removeEventListener('online', this.#online);
    this.#drop();
    this.#told = [];
    this.#options.onTracks([]);
    this.#options.onState(state);
  }

  #drop(): void {
    clearTimeout(this.#restartTimer);
    clearInterval(this.#pathTimer);
    this.#restartTimer = undefined;
    this.#connection?.close();
    this.#connection = null;
    this.#senders.clear();
    this.#offerWanted = false;
    this.#restartWanted = false;
  }
}
