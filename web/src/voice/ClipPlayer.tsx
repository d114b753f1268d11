import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PlayBar } from './PlayBar';
import { clock } from './clock';
import './voice.css';

/** Beyond any end: a player that goes there has found the end of a file that does not say how long it is. */
const BEYOND_S = 1e7;

/** Plays a voice message: play and pause, a place to go to, how long it is. */
export function ClipPlayer({ src, durationMs }: { src: string; durationMs: number }): ReactElement {
  const { t } = useTranslation('voice');
  const sound = useRef<HTMLAudioElement>(null);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [failed, setFailed] = useState(false);
  /** Until its length is known, where it is jumps about. */
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const element = sound.current;
    if (!element) return;
    let looking = false;
    const known = (): void => {
      if (Number.isFinite(element.duration)) {
        if (looking) element.currentTime = 0;
        looking = false;
        setReady(true);
      } else if (!looking) {
        // What a recorder has just written says nothing of its length, and cannot be sought in before it is known.
        looking = true;
        element.currentTime = BEYOND_S;
      }
    };
    element.addEventListener('loadedmetadata', known);
    element.addEventListener('durationchange', known);
    if (element.readyState > 0) known();
    return () => {
      element.removeEventListener('loadedmetadata', known);
      element.removeEventListener('durationchange', known);
    };
  }, [src]);
  const toggle = (): void => {
    const element = sound.current;
    if (!element) return;
    if (playing) element.pause();
    else element.play().catch(() => setFailed(true));
  };
  const seek = (ms: number): void => {
    if (sound.current && ready) sound.current.currentTime = ms / 1000;
    setAt(ms);
  };
  return (
    <div className="clip">
      <audio
        ref={sound}
        src={src}
        preload="metadata"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={() => setAt(0)}
        onError={() => setFailed(true)}
        onTimeUpdate={() => ready && sound.current && setAt(Math.min(durationMs, sound.current.currentTime * 1000))}
      />
      <PlayBar
        playing={playing}
        lengthMs={durationMs}
        atMs={at}
        stepMs={100}
        time={clock(playing || at > 0 ? at : durationMs)}
        words={{ place: t('place'), play: t('play'), pause: t('pause') }}
        onToggle={toggle}
        onSeek={seek}
      />
      {failed && (
        <span className="small" role="alert">
          {t('cannot-play')}
        </span>
      )}
    </div>
  );
}

export default ClipPlayer;
