import { type ReactElement, Suspense, lazy, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../api/messages';
import { Icon } from '../design/Icon';
import { useRoom } from '../visit/VisitRoom';

const RecordingDialog = lazy(() => import('./RecordingDialog'));

/** What everybody in a call sees of its recording all the while, by shape, words and colour; and for clinicians the way to ask. */
export function RecordingMark(): ReactElement | null {
  const { t } = useTranslation('call');
  const { visit, you, me, consult } = useRoom();
  const [open, setOpen] = useState(false);
  const recording = visit.recording ?? null;
  const live = recording !== null && isLive(recording);
  const mine = recording?.answers.find((one) => one.participant === you);
  const mustAnswer = live && you !== null && !mine;
  const asks = me?.role === 'clinician' && !consult;
  const id = recording?.id;
  // Who has not answered is asked; who closes the question is asked again by the mark.
  useEffect(() => {
    if (mustAnswer) setOpen(true);
  }, [mustAnswer, id]);
  const word = live ? recording.state : null;
  return (
    <>
      {(word || asks) && (
        <button type="button" className="call-network call-recording" data-recording={word ?? undefined} onClick={() => setOpen(true)}>
          <Icon name={word === 'paused' ? 'pause' : 'record'} size={18} />
          {t(`recording.${word ?? 'begin'}`)}
        </button>
      )}
      <Announced recording={recording} />
      {open && (
        <Suspense fallback={null}>
          <RecordingDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Says every change to those who do not see the mark, and shows for a while that it is over. */
function Announced({ recording }: { recording: Recording | null }): ReactElement {
  const { t } = useTranslation('call');
  const state = recording?.state ?? null;
  const before = useRef(state);
  const [over, setOver] = useState<'stopped' | 'declined' | null>(null);
  useEffect(() => {
    const was = before.current;
    before.current = state;
    const wasLive = was === 'asked' || was === 'running' || was === 'paused';
    if (!wasLive || state === null || state === 'asked' || state === 'running' || state === 'paused') return;
    setOver(state === 'declined' ? 'declined' : 'stopped');
    const timer = setTimeout(() => setOver(null), 10_000);
    return () => clearTimeout(timer);
  }, [state]);
  const live = recording !== null && isLive(recording);
  return (
    <span role="status" className={over && !live ? 'call-network' : 'hidden-text'}>
      {live ? t(`recording.${recording.state}`) : over ? t(`recording.${over}`) : ''}
    </span>
  );
}

export function isLive({ state }: Recording): boolean {
  return state === 'asked' || state === 'running' || state === 'paused';
}
