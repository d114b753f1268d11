import type { DeviceState } from '../api/messages';

/** What this device gives, and why not when it does not. */
export interface LocalMedia {
  stream: MediaStream;
  camera: DeviceState;
  microphone: DeviceState;
}

export interface Wanted {
  camera: boolean;
  microphone: boolean;
  cameraId?: string | undefined;
  microphoneId?: string | undefined;
}

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: 'user' };
const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Opens camera and microphone together, so that the browser asks once; when that fails, one by one, so that one that
 * is missing or refused does not cost the other.
 */
export async function openMedia(wanted: Wanted): Promise<LocalMedia> {
  const video = wanted.camera && constraints(PICTURE, wanted.cameraId);
  const audio = wanted.microphone && constraints(SOUND, wanted.microphoneId);
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const stream = new MediaStream();
  // Pages without TLS have no devices at all.
  if (!devices?.getUserMedia) return { stream, camera: 'missing', microphone: 'missing' };
  if (video && audio) {
    try {
      return { stream: await devices.getUserMedia({ video, audio }), camera: 'ok', microphone: 'ok' };
    } catch {
      // Which of the two it was shows below.
    }
  }
  const camera = video ? await add(stream, { video }) : 'missing';
  const microphone = audio ? await add(stream, { audio }) : 'missing';
  return { stream, camera, microphone };
}

async function add(stream: MediaStream, wanted: MediaStreamConstraints): Promise<DeviceState> {
  try {
    const opened = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of opened.getTracks()) stream.addTrack(track);
    return 'ok';
  } catch (failure) {
    return deviceStateOf(failure);
  }
}

function constraints(base: MediaTrackConstraints, id: string | undefined): MediaTrackConstraints {
  if (!id) return base;
  const { facingMode: _, ...rest } = base;
  return { ...rest, deviceId: { exact: id } };
}

/** The browsers' names for a device that does not open. */
export function deviceStateOf(failure: unknown): DeviceState {
  const name = failure instanceof Error || failure instanceof DOMException ? failure.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError' || name === 'PermissionDeniedError') return 'denied';
  if (name === 'NotReadableError' || name === 'TrackStartError' || name === 'AbortError') return 'busy';
  return 'missing';
}

export function stopMedia(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Loudness of a stream from 0 to 1, about ten times a second; returns how to stop. */
export function watchLevel(stream: MediaStream, hear: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    hear(levelOf(samples));
  }, 100);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}

/** -60 dBFS and below is 0, -6 dBFS and above is 1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}
