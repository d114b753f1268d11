import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';

export type ShortcutName = 'search' | 'queue' | 'note' | 'mute' | 'help';

/** Each shortcut's keys, pressed one after the other. */
export const shortcutKeys: Record<ShortcutName, string[]> = {
  search: ['/'],
  queue: ['g', 'q'],
  note: ['n'],
  mute: ['m'],
  help: ['?'],
};

const STORED = 'bianque.shortcuts';
const SEQUENCE_MS = 1_200;
const switched = new EventTarget();

/** Single keys can trip people who dictate or shake, so they can be turned off (WCAG 2.1.4). */
export function useShortcutsEnabled(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, () => localStorage.getItem(STORED) !== 'off');
  return [on, setEnabled];
}

/** Runs the named actions on their keys while the page is shown; typing and open dialogs are left alone. */
export function useShortcuts(actions: Partial<Record<ShortcutName, () => void>>) {
  const [enabled] = useShortcutsEnabled();
  const run = useEffectEvent((name: ShortcutName) => actions[name]?.());
  const handles = useEffectEvent((name: ShortcutName) => actions[name] !== undefined);

  useEffect(() => {
    if (!enabled) return;
    let pressed: string[] = [];
    let last = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      if (event.timeStamp - last > SEQUENCE_MS) pressed = [];
      last = event.timeStamp;
      pressed = [...pressed, event.key].slice(-2);
      const name = shortcutFor(pressed);
      if (name === null || !handles(name)) return;
      event.preventDefault();
      pressed = [];
      run(name);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [enabled]);
}

/** The shortcut that the last keys complete. */
export function shortcutFor(pressed: string[]): ShortcutName | null {
  const names = Object.keys(shortcutKeys) as ShortcutName[];
  const ends = (keys: string[]) => keys.every((key, i) => pressed[pressed.length - keys.length + i] === key);
  return (
    names.sort((a, b) => shortcutKeys[b].length - shortcutKeys[a].length).find((name) => ends(shortcutKeys[name])) ??
    null
  );
}

function isBusy(target: EventTarget | null) {
  if (!(target instanceof Element)) return false;
  if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return true;
  return (
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="combobox"], [role="listbox"], [role="menu"]',
    ) !== null
  );
}

function subscribe(listener: () => void) {
  switched.addEventListener('change', listener);
  window.addEventListener('storage', listener);
  return () => {
    switched.removeEventListener('change', listener);
    window.removeEventListener('storage', listener);
  };
}

function setEnabled(on: boolean) {
  if (on) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, 'off');
  switched.dispatchEvent(new Event('change'));
}
