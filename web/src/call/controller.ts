import type { Speaker } from '../api/client';
import type { CallMessageFromClient, CallMessageFromServer, CallStats, DeviceState, FromClient, FromServer, MediaState, Rung } from '../api/messages';
import { type DataUse, storeDataUse, storedDataUse } from './dataUse';
import { type Devices, NO_DEVICES, listDevices } from './devices';
import { Ladder } from './ladder';
import { openMedia, stopMedia } from './localMedia';
import { CallPeer, type CallState, type RemoteTrack } from './peer';
import { ShownPictures } from './shown';
import type { SoundCall } from './sound';

/** Everything that a screen draws of a call. */
export interface CallView {
  call: CallState;
  /** On what one takes part now. */
  rung: Rung;
  camera: MediaState;
  microphone: MediaState;
  /** One's own camera, as one sees oneself. */
  selfView: MediaStream | null;
  sharing: boolean;
  tracks: readonly RemoteTrack[];
  /** The server has said that it will be restarted. */
  restarting: boolean;
  devices: Devices;
  cameraId: string | null;
  microphoneId: string | null;
  speakerId: string | null;
  dataUse: DataUse;
  stats: CallStats | null;
}

export interface CallLink {
  readonly visitId: string;
  readonly as: Speaker;
  send(message: FromClient): boolean;
  subscribe(listener: (message: FromServer) => void): () => void;
  /** The network may have changed: makes sure that the link is there. */
  doubt(): void;
  iceServers(): RTCIceServer[];
}

/** What comes from the others, and by which way. */
interface Arriving {
  rtc: readonly RemoteTrack[];
  sound: readonly RemoteTrack[];
}

const STATS_EVERY_MS = 5_000;

/**
 * One's own part of a call: devices, what of them is on, and the peer that carries them. It goes on with what there
 * is: no camera, no microphone, leave refused, a device unplugged or taken by another program.
 */
export class CallController {
  #view: CallView = {
    call: { state: 'connecting' },
    rung: 'none',
    camera: 'missing',
    microphone: 'missing',
    selfView: null,
    sharing: false,
    tracks: [],
    restarting: false,
    devices: NO_DEVICES,
    cameraId: null,
    microphoneId: null,
    speakerId: null,
    dataUse: storedDataUse(),
    stats: null,
  };
  #listeners = new Set<() => void>();
  #stream = new MediaStream();
  #screen: MediaStreamTrack | null = null;
  #peer: CallPeer | null = null;
  #ladder = new Ladder({
    onSound: (wanted) => void (wanted ? this.#openSound() : this.#closeSound()),
    onStep: (step) => {
      this.link.send({ t: 'call.rung', ...step });
      this.#show({ rung: step.to });
    },
  });
  #sound: SoundCall | null = null;
  #shown = new ShownPictures(this.#view.dataUse, (sides) => this.#peer?.show(sides));
  /** What comes by WebRTC and what by sound; never both are shown. */
  #tracks: Arriving = { rtc: [], sound: [] };
  #timer: ReturnType<typeof setInterval> | undefined;
  #unsubscribe: () => void = () => undefined;
  #closed = false;

  constructor(private readonly link: CallLink) {}

  get view(): CallView {
    return this.#view;
  }
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Opens the devices and joins. The socket must have been greeted. */
  async start(): Promise<void> {
    this.#unsubscribe = this.link.subscribe(this.#hear);
    const media = await openMedia({ camera: this.#view.dataUse !== 'sound', microphone: true });
    if (this.#closed) return stopMedia(media.stream);
    this.#stream = media.stream;
    for (const track of media.stream.getTracks()) this.#watch(track);
    const camera = this.#view.dataUse === 'sound' ? 'off' : stateOf(media.camera);
    this.#show({ camera, microphone: stateOf(media.microphone) });
    navigator.mediaDevices?.addEventListener('devicechange', this.#devicesChanged);
    document.addEventListener('visibilitychange', this.#pageShown);
    networkInformation()?.addEventListener('change', this.#networkChanged);
    await this.#join();
    this.#timer = setInterval(() => void this.#report(), STATS_EVERY_MS);
    await this.#lookAtDevices();
  }

  /** Ends one's part: devices go dark, the others see one leave. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#unsubscribe();
    navigator.mediaDevices?.removeEventListener('devicechange', this.#devicesChanged);
    document.removeEventListener('visibilitychange', this.#pageShown);
    this.#shown.close();
    networkInformation()?.removeEventListener('change', this.#networkChanged);
    this.#ladder.end();
    this.#peer?.close();
    stopMedia(this.#stream);
    this.#screen?.stop();
  }

  /** After the call was taken over or ended: comes in again. */
  async joinAgain(): Promise<void> {
    this.#peer?.close();
    await this.#join();
  }

  async toggleMicrophone(): Promise<void> {
    const track = this.#stream.getAudioTracks()[0];
    if (!track) return this.#open('microphone', this.#view.microphoneId);
    track.enabled = !track.enabled;
    this.#show({ microphone: track.enabled ? 'on' : 'off' });
  }

  /** Off lets go of the camera, so that its light goes out. */
  async toggleCamera(): Promise<void> {
    const track = this.#stream.getVideoTracks()[0];
    if (!track) return this.#open('camera', this.#view.cameraId);
    this.#drop(track);
    await this.#peer?.setCamera(null);
    this.#show({ camera: 'off' });
  }

  async chooseCamera(id: string): Promise<void> {
    await this.#open('camera', id);
  }
  async chooseMicrophone(id: string): Promise<void> {
    await this.#open('microphone', id);
  }
  chooseSpeaker(id: string): void {
    this.#show({ speakerId: id });
  }

  /** How much data the call may take, from now on and in the next calls. With sound alone one's own camera goes off too. */
  async chooseDataUse(use: DataUse): Promise<void> {
    storeDataUse(use);
    this.#show({ dataUse: use });
    this.#shown.setUse(use);
    if (use === 'sound' && this.#view.camera === 'on') await this.toggleCamera();
    await this.#peer?.setDataUse(use);
  }

  /** A tile shows this track with this shorter side, in pixels of the device; `null` when it no longer does. */
  shown = (track: string, side: number | null): void => this.#shown.set(track, side);

  /** From the front camera of a phone to the back one, and on. */
  async nextCamera(): Promise<void> {
    const { cameras } = this.#view.devices;
    const at = cameras.findIndex((one) => one.deviceId === this.#view.cameraId);
    const next = cameras[(at + 1) % cameras.length];
    if (next) await this.#open('camera', next.deviceId);
  }

  /** Asks for a screen and shows it beside the camera. Refused by the person: nothing happens. */
  async shareScreen(): Promise<void> {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: true }).catch(() => null);
    const track = stream?.getVideoTracks()[0];
    if (!track) return;
    this.#screen = track;
    track.addEventListener('ended', () => void this.stopScreen());
    await this.#peer?.shareScreen(track);
    this.#show({ sharing: true });
  }

  async stopScreen(): Promise<void> {
    this.#screen?.stop();
    this.#screen = null;
    await this.#peer?.stopScreen();
    this.#show({ sharing: false });
  }

  async #join(): Promise<void> {
    const options = {
      send: (message: CallMessageFromClient) => void this.link.send(message),
      onTracks: (rtc: RemoteTrack[]) => this.#showTracks({ rtc }),
      onState: (call: CallState) => this.#callChanged(call),
      onDoubt: () => this.link.doubt(),
      iceServers: () => this.link.iceServers(),
    };
    this.#peer = new CallPeer(options, this.#view.dataUse);
    this.#peer.show(this.#shown.sides);
    this.#ladder.begin();
    await this.#peer.start(this.#stream);
    if (this.#screen) await this.#peer.shareScreen(this.#screen);
    this.#tellMedia();
  }

  #callChanged(call: CallState): void {
    this.#show({ call });
    // The browser says by which way a moment after it says that there is one.
    const way = this.#peer?.way;
    if (call.state === 'connected' && way) this.#ladder.up(way);
    else if (call.state === 'connecting' || call.state === 'reconnecting') this.#ladder.down();
    else if (call.state === 'waiting') this.#ladder.refused();
    else if (call.state !== 'connected') this.#ladder.end();
  }

  /** Sound without WebRTC: fetched when it is needed, and silent about it where the browser cannot. */
  async #openSound(): Promise<void> {
    const { SoundCall, findCodec } = await import('./sound');
    const codec = await findCodec();
    if (this.#closed || this.#sound || !this.#ladder.wantsSound || !codec) return;
    const { visitId, as } = this.link;
    this.#sound = new SoundCall({
      visitId,
      as,
      codec,
      onOpen: (open) => this.#ladder.sound(open),
      onTracks: (heard) =>
        this.#showTracks({
          sound: heard.map(({ participant, track }) => ({ mid: track.id, participant, kind: 'audio', source: 'microphone', track })),
        }),
    });
    await this.#sound.start(this.#stream.getAudioTracks()[0] ?? null);
  }

  #closeSound(): void {
    this.#sound?.close();
    this.#sound = null;
    this.#showTracks({ sound: [] });
  }

  #showTracks(part: Partial<Arriving>): void {
    this.#tracks = { ...this.#tracks, ...part };
    this.#show({});
  }

  async #open(kind: 'camera' | 'microphone', id: string | null): Promise<void> {
    const camera = kind === 'camera';
    const old = camera ? this.#stream.getVideoTracks()[0] : this.#stream.getAudioTracks()[0];
    // Phones give one camera at a time: the old one goes first.
    if (old) this.#drop(old);
    const wanted = id ?? undefined;
    const media = await openMedia({ camera, microphone: !camera, ...(camera ? { cameraId: wanted } : { microphoneId: wanted }) });
    const track = media.stream.getTracks()[0] ?? null;
    if (this.#closed) return stopMedia(media.stream);
    if (track) {
      this.#stream.addTrack(track);
      this.#watch(track);
    }
    if (camera) await this.#peer?.setCamera(track);
    else await this.#setMicrophone(track);
    this.#show(camera ? { camera: stateOf(media.camera) } : { microphone: stateOf(media.microphone) });
    await this.#lookAtDevices();
  }

  /** A device may end at any time: unplugged, or taken by a phone call. */
  #watch(track: MediaStreamTrack): void {
    track.addEventListener('ended', () => {
      if (!this.#stream.getTracks().includes(track)) return;
      this.#stream.removeTrack(track);
      if (track.kind === 'video') {
        void this.#peer?.setCamera(null);
        this.#show({ camera: 'missing' });
      } else {
        void this.#setMicrophone(null);
        this.#show({ microphone: 'missing' });
      }
    });
  }

  async #setMicrophone(track: MediaStreamTrack | null): Promise<void> {
    this.#sound?.setMicrophone(track);
    await this.#peer?.setMicrophone(track);
  }

  #drop(track: MediaStreamTrack): void {
    this.#stream.removeTrack(track);
    track.stop();
  }

  #hear = (message: FromServer): void => {
    if (message.t === 'hello') {
      // The socket was lost and with it the server's side of the call, and maybe the network in which all sockets were.
      void this.#peer?.rejoin();
      this.#sound?.reopen();
      this.#tellMedia();
      this.#show({ restarting: false });
    } else if (message.t === 'call.restart') {
      this.#show({ restarting: true });
    } else if (message.t.startsWith('call.')) {
      this.#peer?.handle(message as CallMessageFromServer);
    }
  };

  #devicesChanged = (): void => {
    void this.#lookAtDevices().then(() => {
      if (this.#view.microphone === 'missing' && this.#view.devices.microphones.length) void this.#open('microphone', null);
    });
  };

  /** Back from another app or a phone call, which may have taken the devices. */
  #pageShown = (): void => {
    if (document.visibilityState !== 'visible') return;
    if (this.#view.camera === 'missing' && this.#view.devices.cameras.length) void this.#open('camera', null);
    if (this.#view.microphone === 'missing' && this.#view.devices.microphones.length) void this.#open('microphone', null);
  };

  #networkChanged = (): void => {
    this.link.doubt();
    this.#peer?.networkChanged();
  };

  async #lookAtDevices(): Promise<void> {
    const devices = await listDevices();
    const id = (track: MediaStreamTrack | undefined): string | null => track?.getSettings().deviceId ?? null;
    this.#show({
      devices,
      cameraId: id(this.#stream.getVideoTracks()[0]) ?? this.#view.cameraId,
      microphoneId: id(this.#stream.getAudioTracks()[0]) ?? this.#view.microphoneId,
    });
  }

  async #report(): Promise<void> {
    const measured = await this.#peer?.stats().catch(() => null);
    const stats = this.#ladder.rung === 'sound' ? this.#sound?.stats() : measured?.report;
    if (!stats) return;
    this.link.send({ t: 'stats', ...stats });
    this.#show({ stats });
  }

  #tellMedia(): void {
    this.link.send({ t: 'media', camera: this.#view.camera, microphone: this.#view.microphone });
  }

  #show(part: Partial<CallView>): void {
    const before = this.#view;
    const video = this.#stream.getVideoTracks()[0] ?? null;
    const same = before.selfView?.getVideoTracks()[0] === video;
    const selfView = same ? before.selfView : video && new MediaStream([video]);
    const tracks = this.#ladder.rung === 'sound' ? this.#tracks.sound : this.#tracks.rtc;
    this.#view = { ...before, ...part, selfView, tracks };
    if (this.#view.camera !== before.camera || this.#view.microphone !== before.microphone) this.#tellMedia();
    for (const listener of this.#listeners) listener();
  }
}

function stateOf(device: DeviceState): MediaState {
  return device === 'ok' ? 'on' : device;
}

function networkInformation(): EventTarget | undefined {
  return (navigator as { connection?: EventTarget }).connection;
}
