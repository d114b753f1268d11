/** How much a call may take of this device's data: everything that the network gives, little, or sound alone. */
export type DataUse = 'full' | 'saver' | 'sound';

export const DATA_USES: readonly DataUse[] = ['full', 'saver', 'sound'];
const STORED = 'bianque.data-use';
/** In bits per second: speech stays clear, and takes a third less. */
const SAVER_AUDIO_BPS = 16_000;
const SAVER_SCREEN_BPS = 400_000;

/** What was last chosen on this device. Where nothing can be stored, everything. */
export function storedDataUse(): DataUse {
  try {
    const stored = localStorage.getItem(STORED);
    return DATA_USES.find((use) => use === stored) ?? 'full';
  } catch {
    return 'full';
  }
}

export function storeDataUse(use: DataUse): void {
  try {
    if (use === 'full') localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, use);
  } catch {
    // It is forgotten with the page.
  }
}

/** Sizes of one's own camera, smallest first: with the saver only the smallest is sent. */
export function cameraWithin<T extends RTCRtpEncodingParameters>(encodings: readonly T[], use: DataUse): T[] {
  return encodings.map((encoding, index) => ({ ...encoding, active: use === 'full' || index === 0 }));
}

/** The encodings of a microphone or a screen within what may be used; `most` is what they may take otherwise, bits per second. */
export function rateWithin<T extends RTCRtpEncodingParameters>(
  encodings: readonly T[],
  use: DataUse,
  kind: 'microphone' | 'screen',
  most: number,
): T[] {
  const least = kind === 'microphone' ? SAVER_AUDIO_BPS : SAVER_SCREEN_BPS;
  return encodings.map((encoding) => ({ ...encoding, maxBitrate: use === 'full' ? most : least }));
}
