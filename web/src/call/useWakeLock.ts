import { useEffect } from 'react';

/** Keeps the screen on while `wanted`; asked for anew each time that the page is shown again. */
export function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    const { wakeLock } = navigator as { wakeLock?: WakeLock };
    if (!wanted || !wakeLock) return;
    let held: WakeLockSentinel | null = null;
    let over = false;
    const hold = async (): Promise<void> => {
      if (document.visibilityState !== 'visible') return;
      const lock = await wakeLock.request('screen').catch(() => null);
      if (over) void lock?.release();
      else held = lock;
    };
    const shown = (): void => void hold();
    document.addEventListener('visibilitychange', shown);
    void hold();
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', shown);
      void held?.release();
    };
  }, [wanted]);
}
