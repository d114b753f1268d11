import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../api/client';
import type { Recording, Recordings } from '../api/messages';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Icon } from '../design/Icon';
import { Banner, ErrorText, Failure, Loading } from '../design/surfaces';
import { currentLanguage, nameIn } from '../i18n';
import { useRoom } from '../visit/VisitRoom';
import { isLive } from './RecordingMark';
import './recording.css';

/** The question and its answers: to ask, to agree, to decline, to take one's consent back. */
export default function RecordingDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation(['recording', 'errors', 'shell']);
  const { visitId, as, visit, you } = useRoom();
  const path = `/visits/${encodeURIComponent(visitId)}/recordings`;
  const known = useQuery({ queryKey: ['recordings', visitId, as], queryFn: () => get<Recordings>(path, { as }) });
  const queries = useQueryClient();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const recording = visit.recording && isLive(visit.recording) ? visit.recording : null;
  const mine = recording?.answers.find((one) => one.participant === you);
  const act = async (what: string, to: string, body?: unknown): Promise<void> => {
    setBusy(what);
    setFailure(null);
    try {
      queries.setQueryData(['recordings', visitId, as], await post<Recordings>(path + to, body, { as }));
      onClose();
    } catch (error) {
      setFailure(error);
    }
    setBusy(null);
  };
  const words = { version: known.data?.text.version ?? '', language: currentLanguage() };
  const answer = (agreed: boolean): Promise<void> => {
    const by = visit.proxy || visit.consent?.by === 'guardian' ? 'guardian' : 'self';
    const own = you === 'patient' ? by : 'self';
    return act(agreed ? 'agree' : 'decline', `/${recording?.id}/answer`, { agreed, ...words, by: own });
  };
  return (
    <Dialog title={t(recording ? `recording:title.${recording.state}` : 'recording:title.ask')} isOpen onClose={onClose}>
      {known.isPending && <Loading />}
      {known.isError && <Failure error={known.error} onRetry={() => void known.refetch()} />}
      {known.data && (
        <div className="recording-text" tabIndex={0}>
          {nameIn(known.data.text).split('\n\n').map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </div>
      )}
      {recording && <Answers recording={recording} />}
      {failure !== null && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failure} />
        </Banner>
      )}
      <div className="dialog-actions">
        {!recording && (
          <Button kind="primary" icon="record" isDisabled={!known.data} isPending={busy === 'ask'} onPress={() => void act('ask', '', words)}>
            {t('recording:ask')}
          </Button>
        )}
        {recording && !mine && (
          <>
            <Button isDisabled={!known.data} isPending={busy === 'decline'} onPress={() => void answer(false)}>
              {t('recording:decline')}
            </Button>
            <Button kind="primary" icon="check" isDisabled={!known.data} isPending={busy === 'agree'} onPress={() => void answer(true)}>
              {t('recording:agree')}
            </Button>
          </>
        )}
        {recording && mine && (
          <>
            <Button onPress={onClose}>{t('shell:close')}</Button>
            <Button kind="danger" isDisabled={!known.data} isPending={busy === 'decline'} onPress={() => void answer(false)}>
              {t(recording.state === 'asked' ? 'recording:withdraw' : 'recording:stop')}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

/** Who agreed, and for whom it waits. */
function Answers({ recording }: { recording: Recording }): ReactElement {
  const { t } = useTranslation('recording');
  const { visit } = useRoom();
  const waiting = visit.participants.filter((one) => one.present && !recording.answers.some((answer) => answer.participant === one.id));
  return (
    <ul className="recording-answers">
      {recording.answers.map((answer) => (
        <li key={answer.participant}>
          <Icon name={answer.agreed ? 'check-circle' : 'close'} size={20} />
          {t(answer.agreed ? 'agreed' : 'declined', { name: answer.name })}
        </li>
      ))}
      {waiting.map((one) => (
        <li key={one.id}>
          <Icon name="clock" size={20} />
          {t('waiting', { name: one.name })}
        </li>
      ))}
    </ul>
  );
}
