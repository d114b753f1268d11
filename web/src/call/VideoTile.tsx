import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../design/Icon';
import { PictureInPicture } from './PictureInPicture';
import { watchSide } from './shown';
import type { Person } from './useCall';

/** Those who read nothing of the record; the others know them by what they are. */
const GUESTS: readonly string[] = ['family', 'interpreter', 'observer'];
/** A picture without a new frame for this long is covered with its age. */
const FROZEN_MS = 2_000;

export interface VideoTileProps {
  person: Person;
  /** The shared screen instead of the camera. */
  screen?: boolean;
  /** No pictures are wanted, to save data. */
  soundOnly?: boolean;
  /** How large the track is shown: its shorter side, in pixels of the device; `null` when it no longer is. */
  onShown?: (track: string, side: number | null) => void;
  children?: ReactNode;
}

/** One person's picture, or their name in its place; never an old picture that looks like a live one. */
export function VideoTile({ person, screen, soundOnly, onShown, children }: VideoTileProps): ReactElement {
  const { t } = useTranslation('call');
  const stream = soundOnly ? null : screen ? person.screen : person.picture;
  const off = !screen && person.camera !== null && person.camera !== 'on';
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    if (stream) void element.play().catch(() => undefined);
  }, [stream, off]);
  useShown(video, stream, off, onShown);
  const age = useFrameAge(video, stream, !off);
  const shown = stream !== null && !off && age !== null;
  const paused = stream !== null && !off && person.paused.includes(screen ? 'screen' : 'camera');
  const frozen = shown && !paused && age > FROZEN_MS;
  return (
    <figure className="tile" data-screen={screen || undefined}>
      {stream && !off && <video ref={video} autoPlay muted playsInline data-shown={shown || undefined} aria-label={t('tile.picture', { name: person.name })} />}
      {!shown && !paused && (
        <div className="tile-empty">
          <span className="tile-initial" aria-hidden="true">
            {initialOf(person.name)}
          </span>
          <p>{t(emptyWord(person, off, soundOnly), { name: person.name })}</p>
        </div>
      )}
      {paused && (
        <div className="tile-frozen" role="status">
          <Icon name="speaker" size={28} />
          <p>{t('tile.paused')}</p>
        </div>
      )}
      {frozen && (
        <div className="tile-frozen" role="status">
          <Icon name="wifi-off" size={28} />
          <p>{t('tile.frozen', { seconds: Math.round(age / 1000) })}</p>
        </div>
      )}
      {shown && <PictureInPicture video={video} name={person.name} />}
      <figcaption>
        {(person.silenced !== null || (person.microphone !== null && person.microphone !== 'on')) && <Icon name="microphone-off" size={16} label={t('tile.muted')} />}
        {screen ? t('tile.screen', { name: person.name }) : person.name}
        {GUESTS.includes(person.role) && <span className="tile-organization"> · {t(`role.${person.role}`)}</span>}
        {person.hears && (
          <span className="tile-hears" lang={person.hears}>
            <Icon name="speaker" size={14} label={t('tile.hears')} />
            {person.hears}
          </span>
        )}
        {person.role === 'consultant' && person.organization ? <span className="tile-organization"> · {person.organization}</span> : null}
      </figcaption>
      {children}
    </figure>
  );
}

/** Why there is no picture. */
function emptyWord(person: Person, off: boolean, soundOnly = false): string {
  if (!person.present) return 'tile.gone';
  if (off) return `tile.camera-${person.camera}`;
  if (soundOnly) return 'tile.sound-chosen';
  return person.without ? `tile.sound-${person.without}` : 'tile.waiting';
}

/** Tells how large the picture is shown. */
function useShown(
  video: React.RefObject<HTMLVideoElement | null>,
  stream: MediaStream | null,
  off: boolean,
  tell: VideoTileProps['onShown'],
): void {
  useEffect(() => {
    const track = stream?.getVideoTracks()[0]?.id;
    if (!video.current || !track || !tell || off) return;
    return watchSide(video.current, (side) => tell(track, side));
  }, [video, stream, off, tell]);
}

/** Milliseconds since the last frame was drawn; null before the first. */
function useFrameAge(video: React.RefObject<HTMLVideoElement | null>, stream: MediaStream | null, wanted: boolean): number | null {
  const [age, setAge] = useState<number | null>(null);
  useEffect(() => {
    const element = video.current;
    setAge(null);
    if (!element || !stream || !wanted) return;
    let last: number | null = null;
    let handle = 0;
    const framed = (): void => {
      last = performance.now();
      handle = element.requestVideoFrameCallback(framed);
    };
    const ticked = (): void => {
      last = performance.now();
    };
    const exact = 'requestVideoFrameCallback' in element;
    if (exact) handle = element.requestVideoFrameCallback(framed);
    else (element as HTMLVideoElement).addEventListener('timeupdate', ticked);
    const timer = setInterval(() => {
      // Hidden pages draw no frames; that is not the network's doing.
      if (document.visibilityState === 'hidden') last = last === null ? null : performance.now();
      setAge(last === null ? null : Math.round((performance.now() - last) / 500) * 500);
    }, 250);
    return () => {
      clearInterval(timer);
      if (exact) element.cancelVideoFrameCallback(handle);
      else (element as HTMLVideoElement).removeEventListener('timeupdate', ticked);
    };
  }, [video, stream, wanted]);
  return age;
}

function initialOf(name: string): string {
  const plain = name.replace(/^(dr|prof)\.?\s+/i, '');
  return [...plain][0]?.toUpperCase() ?? '·';
}
