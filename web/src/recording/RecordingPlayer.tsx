import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../api/client';
import type { RecordingFile } from '../api/messages';
import { useRoom } from '../visit/VisitRoom';
import { PlayBar } from '../voice/PlayBar';
import { clock } from '../voice/clock';

/** Farther apart than this two people are brought together: what is said to each other must stay in its order. */
const APART_S = 0.04;
/** So far apart that one jumps; a jump takes time of its own, so that less is made up by playing faster or slower. */
const FAR_S = 1;
const MOST_FASTER = 0.25;
const LOOK_MS = 250;

/** Everybody's file beside the others', played as one: they share the clock of the recording. */
export function RecordingPlayer({ files }: { files: readonly RecordingFile[] }): ReactElement {
  const { t } = useTranslation('recording');
  const { as } = useRoom();
  const players = useRef<(HTMLVideoElement | null)[]>([]);
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [failed, setFailed] = useState(false);
  const length = Math.max(...files.map((file) => file.length_ms));
  /** Who leads is the longest: the others may have left before. */
  const leads = files.findIndex((file) => file.length_ms === length);

  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const leader = players.current[leads];
      if (!leader) return;
      setAt(leader.currentTime * 1000);
      players.current.forEach((player, place) => {
        if (!player || place === leads || player.ended || player.seeking) return;
        if (leader.currentTime * 1000 >= (files[place]?.length_ms ?? 0)) return;
        const behind = leader.currentTime - player.currentTime;
        if (Math.abs(behind) > FAR_S) player.currentTime = leader.currentTime;
        const faster = Math.abs(behind) > APART_S ? Math.max(-MOST_FASTER, Math.min(MOST_FASTER, behind)) : 0;
        player.playbackRate = 1 + faster;
        if (player.paused) void player.play().catch(() => undefined);
      });
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [playing, leads, files]);

  const toggle = (): void => {
    for (const player of players.current) {
      if (playing) player?.pause();
      else player?.play().catch(() => setFailed(true));
    }
    setPlaying(!playing);
  };
  const seek = (ms: number): void => {
    for (const player of players.current) if (player) player.currentTime = ms / 1000;
    setAt(ms);
  };
  return (
    <div className="recording-player">
      <div className="recording-tiles">
        {files.map((file, place) => (
          <figure key={file.url} data-sound={!file.pictures || undefined}>
            <video
              ref={(element) => {
                players.current[place] = element;
              }}
              src={address(file.url, as)}
              preload="metadata"
              playsInline
              aria-label={t('tile', { name: file.name })}
              onError={() => setFailed(true)}
              onEnded={place === leads ? () => setPlaying(false) : undefined}
            />
            <figcaption>{t(`shows.${file.shows}`, { name: file.name })}</figcaption>
          </figure>
        ))}
      </div>
      <div className="clip">
        <PlayBar
          playing={playing}
          lengthMs={length}
          atMs={at}
          stepMs={500}
          time={`${clock(at)} / ${clock(length)}`}
          words={{ place: t('place'), play: t('play'), pause: t('pause') }}
          onToggle={toggle}
          onSeek={seek}
        />
      </div>
      {failed && (
        <p className="small" role="alert">
          {t('cannot-play')}
        </p>
      )}
    </div>
  );
}
