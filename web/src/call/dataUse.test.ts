import { afterEach, describe, expect, test } from 'vitest';
import { storeDataUse, storedDataUse } from './dataUse';
import { applyDataUse, encodingsOf } from './encodings';

/** A sender with these encodings; what it was last given. */
function senderWith(encodings: RTCRtpEncodingParameters[]): { sender: RTCRtpSender; now: () => RTCRtpEncodingParameters[] } {
  let parameters = { encodings } as RTCRtpSendParameters;
  const sender = {
    getParameters: () => structuredClone(parameters),
    setParameters: (given: RTCRtpSendParameters) => {
      parameters = given;
      return Promise.resolve();
    },
  } as unknown as RTCRtpSender;
  return { sender, now: () => parameters.encodings };
}

describe('data use', () => {
  afterEach(() => localStorage.clear());

  test('is kept on the device', () => {
    expect(storedDataUse()).toBe('full');
    storeDataUse('saver');
    expect(storedDataUse()).toBe('saver');
    localStorage.setItem('bianque.data-use', 'nonsense');
    expect(storedDataUse()).toBe('full');
  });

  test('leaves of the camera the smallest of three sizes', async () => {
    const camera = encodingsOf('camera', 'full') ?? [];
    expect(camera.map(({ rid, active }) => [rid, active])).toEqual([['q', true], ['h', true], ['f', true]]);
    const scales = camera.map((one) => one.scaleResolutionDownBy ?? 0);
    expect(scales).toEqual([...scales].sort((a, b) => b - a));
    const { sender, now } = senderWith(camera);
    await applyDataUse(sender, 'camera', 'saver');
    expect(now().map((one) => one.active)).toEqual([true, false, false]);
    await applyDataUse(sender, 'camera', 'full');
    expect(now().map((one) => one.active)).toEqual([true, true, true]);
  });

  test('thins the sound, and gives it back', async () => {
    const { sender, now } = senderWith([{ active: true }]);
    await applyDataUse(sender, 'microphone', 'saver');
    expect(now()).toEqual([{ active: true, maxBitrate: 16_000 }]);
    await applyDataUse(sender, 'microphone', 'full');
    expect(now()).toEqual([{ active: true, maxBitrate: 24_000 }]);
    expect(encodingsOf('microphone', 'saver')).toEqual([{ maxBitrate: 16_000 }]);
  });

  test('keeps a screen sharp, with fewer pictures of it', async () => {
    expect(encodingsOf('screen', 'full')).toEqual([{ maxBitrate: 2_500_000, maxFramerate: 15 }]);
    const { sender, now } = senderWith(encodingsOf('screen', 'full') ?? []);
    await applyDataUse(sender, 'screen', 'saver');
    expect(now()).toEqual([{ maxBitrate: 400_000, maxFramerate: 15 }]);
  });

  test('leaves a line alone that is not negotiated yet', async () => {
    const { sender, now } = senderWith([]);
    await applyDataUse(sender, 'camera', 'saver');
    expect(now()).toEqual([]);
  });
});
