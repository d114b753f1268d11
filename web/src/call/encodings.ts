/**
 * What is sent of one's own pictures.
 *
 * A camera goes out in three sizes, the smallest first as the server reads them; it gives each of the others the one that
 * their screen shows and their network carries. A screen goes out once: its text is legible in full size or not at all, so
 * the browser is told to keep it sharp and to send fewer pictures of it when there is little room.
 */
import type { TrackSource } from '../api/messages';
import { type DataUse, cameraWithin, rateWithin } from './dataUse';

const CAMERA: readonly RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 450_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
/** Speech is clear with it, and each packet carries the one before it once more. */
const MICROPHONE_MAX_BPS = 24_000;
const SCREEN_MAX_BPS = 2_500_000;
const SCREEN_MAX_FPS = 15;

/** The encodings that a line begins with. */
export function encodingsOf(source: TrackSource, use: DataUse): RTCRtpEncodingParameters[] {
  if (source === 'microphone') return rateWithin([{}], use, 'microphone', MICROPHONE_MAX_BPS);
  if (source === 'camera') return cameraWithin(CAMERA, use);
  return rateWithin([{ maxFramerate: SCREEN_MAX_FPS }], use, 'screen', SCREEN_MAX_BPS);
}

/** Brings a line that is there to another use of data. */
export async function applyDataUse(sender: RTCRtpSender, source: TrackSource, use: DataUse): Promise<void> {
  const parameters = sender.getParameters();
  const { encodings } = parameters;
  // A line that is not negotiated yet has none in some browsers; it began with the right ones.
  if (!encodings?.length) return;
  if (source === 'camera') parameters.encodings = cameraWithin(encodings, use);
  else parameters.encodings = rateWithin(encodings, use, source, source === 'screen' ? SCREEN_MAX_BPS : MICROPHONE_MAX_BPS);
  await sender.setParameters(parameters);
}
