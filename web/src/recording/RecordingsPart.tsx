import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered, get } from '../api/client';
import type { Recording, Recordings } from '../api/messages';
import { Button } from '../design/Button';
import { Banner, Card, Empty, ErrorText, Failure, Loading } from '../design/surfaces';
import { formatTime } from '../shell/when';
import { useRoom } from '../visit/VisitRoom';
import { RecordingPlayer } from './RecordingPlayer';
import './recording.css';

/** The recordings of a visit, to be played by its clinicians. */
export default function RecordingsPart(): ReactElement {
  const { t } = useTranslation('recording');
  const { visitId, as, visit } = useRoom();
  const path = `/visits/${encodeURIComponent(visitId)}/recordings`;
  // Read again when what the socket tells of the newest has changed.
  const state = visit.recording ? `${visit.recording.id} ${visit.recording.state}` : '';
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ['recordings', visitId, as, state],
    queryFn: () => get<Recordings>(path, { as }),
  });
  if (isPending) return <Loading />;
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (data.recordings.length === 0) {
    return (
      <Empty icon="record" title={t('none.title')}>
        {t('none.text')}
      </Empty>
    );
  }
  return (
    <div className="stack">
      {[...data.recordings].reverse().map((recording) => (
        <One key={recording.id} recording={recording} />
      ))}
    </div>
  );
}

function One({ recording }: { recording: Recording }): ReactElement {
  const { t } = useTranslation(['recording', 'errors']);
  const files = recording.files ?? [];
  return (
    <Card title={t('recording:of', { time: formatTime(recording.spans[0]?.from ?? recording.asked_at) })}>
      <p className="soft">{t(`recording:state.${recording.state}`)}</p>
      {recording.ended && <p className="soft small">{t(`recording:why.${recording.ended.why}`, { name: nameOf(recording, recording.ended.by) })}</p>}
      <ul className="recording-answers small">
        {recording.answers.map((answer) => (
          <li key={answer.participant}>
            {t(answer.agreed ? 'recording:agreed-at' : 'recording:declined-at', { name: answer.name, time: formatTime(answer.at) })}
          </li>
        ))}
      </ul>
      {recording.state === 'ready' && files.length > 0 && (
        <>
          <RecordingPlayer files={files} />
          <TakeAway recording={recording} />
        </>
      )}
    </Card>
  );
}

/** All of it as one file, for somebody who has just proved who they are. */
function TakeAway({ recording }: { recording: Recording }): ReactElement | null {
  const { t } = useTranslation(['recording', 'errors']);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const url = recording.download_url;
  if (!url) return null;
  const take = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const file = URL.createObjectURL(await (await answered('GET', url.replace(/^\/api/, ''), undefined, {})).blob());
      const link = document.createElement('a');
      link.href = file;
      link.download = `${recording.id}.webm`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(file), 60_000);
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <>
      <Button icon="download" isPending={busy} onPress={() => void take()}>
        {t('recording:take-away')}
      </Button>
      {failure !== null && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failure} />
        </Banner>
      )}
    </>
  );
}

function nameOf(recording: Recording, participant: string | null): string {
  return recording.answers.find((one) => one.participant === participant)?.name ?? '';
}
