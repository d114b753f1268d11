import { type ReactElement, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Banner } from '../design/surfaces';
import { usePhotoQueue } from '../photos/PhotoQueueProvider';
import { ClipPlayer } from './ClipPlayer';
import { clock } from './clock';
import { LONGEST_MS, type Taken, VoiceRecorder } from './recorder';
import './voice.css';

/** How often the level is drawn. */
const DRAW_MS = 100;
const BARS = 40;

/** Record, listen, send; or none of it. */
export default function VoiceMessage({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation(['voice', 'shell']);
  const { queue } = usePhotoQueue();
  const [taken, setTaken] = useState<Taken | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (!taken) return;
    setBusy(true);
    try {
      await queue.addClip(taken.sound, taken.durationMs);
      onClose();
    } catch {
      setProblem('keep');
      setBusy(false);
    }
  };
  return (
    <Dialog title={t('voice:title')} isOpen onClose={onClose}>
      {problem ? (
        <Banner tone="danger" live="alert">
          {t(`voice:problem.${problem}`)}
        </Banner>
      ) : taken ? (
        <>
          <Listen taken={taken} />
          <div className="dialog-actions">
            <Button icon="refresh" onPress={() => setTaken(null)}>
              {t('voice:again')}
            </Button>
            <Button kind="primary" icon="send" isPending={busy} onPress={() => void send()}>
              {t('voice:send')}
            </Button>
          </div>
        </>
      ) : (
        <Recording onTaken={setTaken} onProblem={setProblem} onCancel={onClose} />
      )}
    </Dialog>
  );
}

interface RecordingProps {
  onTaken(taken: Taken): void;
  onProblem(problem: string): void;
  onCancel(): void;
}

function Recording({ onTaken, onProblem, onCancel }: RecordingProps): ReactElement {
  const { t } = useTranslation(['voice', 'shell']);
  const recorder = useRef<VoiceRecorder | null>(null);
  const [elapsed, setElapsed] = useState(0);
  const [levels, setLevels] = useState<number[]>([]);
  const [open, setOpen] = useState(false);
  const stop = useCallback(async (): Promise<void> => {
    const taking = recorder.current;
    recorder.current = null;
    if (!taking) return;
    try {
      onTaken(await taking.stop());
    } catch {
      onProblem('busy');
    }
  }, [onTaken, onProblem]);
  useEffect(() => {
    let gone = false;
    VoiceRecorder.open().then(
      (opened) => {
        if (gone) return opened.close();
        recorder.current = opened;
        setOpen(true);
      },
      (failure: unknown) => !gone && onProblem(problemOf(failure)),
    );
    const timer = setInterval(() => {
      const taking = recorder.current;
      if (!taking) return;
      setElapsed(taking.elapsedMs);
      setLevels((before) => [...before, taking.level()].slice(-BARS));
      if (taking.elapsedMs >= LONGEST_MS) void stop();
    }, DRAW_MS);
    return () => {
      gone = true;
      clearInterval(timer);
      recorder.current?.close();
      recorder.current = null;
    };
  }, [stop, onProblem]);
  return (
    <>
      <div className="voice-take">
        <p role="status">{open ? t('voice:recording') : t('voice:opening')}</p>
        <svg className="voice-level" viewBox={`0 0 ${BARS * 6} 48`} preserveAspectRatio="none" aria-hidden="true">
          {Array.from({ length: BARS }, (_, place) => {
            const level = levels[levels.length - BARS + place] ?? 0;
            const height = 3 + 42 * level;
            return <rect key={place} x={place * 6 + 1} y={24 - height / 2} width={4} height={height} rx={2} />;
          })}
        </svg>
        <p className="numbers" aria-hidden="true">
          {clock(elapsed)} / {clock(LONGEST_MS)}
        </p>
      </div>
      <div className="dialog-actions">
        <Button onPress={onCancel}>{t('shell:cancel')}</Button>
        <Button kind="primary" icon="check" isDisabled={!open} onPress={() => void stop()}>
          {t('voice:done')}
        </Button>
      </div>
    </>
  );
}

function Listen({ taken }: { taken: Taken }): ReactElement {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(taken.sound);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [taken]);
  return url ? <ClipPlayer src={url} durationMs={taken.durationMs} /> : <div className="clip" />;
}

function problemOf(failure: unknown): string {
  const name = failure instanceof DOMException ? failure.name : '';
  if (name === 'NotAllowedError') return 'denied';
  return name === 'NotFoundError' ? 'missing' : 'busy';
}
