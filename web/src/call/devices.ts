/** Cameras, microphones and speakers of this machine. */
export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

export const NO_DEVICES: Devices = { cameras: [], microphones: [], speakers: [] };

export async function listDevices(): Promise<Devices> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices?.enumerateDevices) return NO_DEVICES;
  const all = await devices.enumerateDevices();
  // Before leave is given, ids are empty and there is nothing to choose.
  const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((one) => one.kind === kind && one.deviceId);
  return { cameras: of('videoinput'), microphones: of('audioinput'), speakers: of('audiooutput') };
}

/** Whether the browser can show a screen to the others: phones cannot. */
export function canShareScreen(): boolean {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return typeof devices?.getDisplayMedia === 'function' && !matchMedia('(pointer: coarse) and (max-width: 820px)').matches;
}
