import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import type { Person } from './useCall';

/** How loud the original is below an interpreter. */
const BACKGROUND = 0.15;

/** The others' sound. Where the browser wants a press before it plays, says so and offers the button. */
export function RemoteSound({ people, speakerId }: { people: readonly Person[]; speakerId: string | null }): ReactElement {
  const { t } = useTranslation('call');
  const [blocked, setBlocked] = useState(false);
  const [round, setRound] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);
  return (
    <>
      {people.map((person) =>
        person.sound ? <Sound key={person.id} stream={person.sound} volume={person.background ? BACKGROUND : 1} speakerId={speakerId} round={round} onBlocked={onBlocked} /> : null,
      )}
      {blocked && (
        <div className="call-sound">
          <Button
            kind="primary"
            icon="speaker"
            onPress={() => {
              setBlocked(false);
              setRound(round + 1);
            }}
          >
            {t('sound-blocked')}
          </Button>
        </div>
      )}
    </>
  );
}

function Sound(props: { stream: MediaStream; volume: number; speakerId: string | null; round: number; onBlocked(): void }): ReactElement {
  const { stream, volume, speakerId, round, onBlocked } = props;
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = stream;
    element.play().catch((failure: unknown) => {
      if (failure instanceof DOMException && failure.name === 'NotAllowedError') onBlocked();
    });
  }, [stream, round, onBlocked]);
  useEffect(() => {
    // A phone call or another program stops the sound of a page, and not every browser starts it again.
    const shown = (): void => {
      if (document.visibilityState === 'visible' && audio.current?.paused) void audio.current.play().catch(() => undefined);
    };
    document.addEventListener('visibilitychange', shown);
    return () => document.removeEventListener('visibilitychange', shown);
  }, []);
  useEffect(() => {
    if (audio.current) audio.current.volume = volume;
  }, [volume]);
  useEffect(() => {
    const element = audio.current as (HTMLAudioElement & { setSinkId?(id: string): Promise<void> }) | null;
    if (speakerId) void element?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);
  return <audio ref={audio} autoPlay />;
}
