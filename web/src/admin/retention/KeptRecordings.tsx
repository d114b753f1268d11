import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../../api/client';
import { Button, Card, Empty, Failure, Loading } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime } from '../../format';
import { EditDialog } from '../EditDialog';
import { ReasonField } from './ReasonField';
import { type Kept, type KeptRecording, RECORDINGS_KEY } from './retention';

/** Recordings of calls: how old and how large they are, and the way to delete those whose time is over. */
export function KeptRecordings(): ReactElement {
  const { t } = useTranslation('admin');
  const [deleting, setDeleting] = useState<KeptRecording | null>(null);
  const kept = useQuery({ queryKey: RECORDINGS_KEY, queryFn: () => get<Kept>('/admin/recordings'), refetchOnWindowFocus: false });
  return (
    <Card title={t('recordings.heading')} level={3}>
      <div className="stack">
        {kept.data && <p className="soft">{t('recordings.explain', { count: kept.data.years })}</p>}
        {kept.isPending && <Loading />}
        {kept.isError && <Failure error={kept.error} onRetry={() => void kept.refetch()} />}
        {kept.data?.recordings.length === 0 && <Empty icon="record" title={t('recordings.empty')} />}
        {kept.data && kept.data.recordings.length > 0 && <Table recordings={kept.data.recordings} onDelete={setDeleting} />}
      </div>
      {deleting && <DeleteDialog recording={deleting} onClose={() => setDeleting(null)} />}
    </Card>
  );
}

function Table({ recordings, onDelete }: { recordings: readonly KeptRecording[]; onDelete(recording: KeptRecording): void }): ReactElement {
  const { t } = useTranslation('admin');
  const columns: Column<KeptRecording>[] = [
    { id: 'at', title: t('retention.at'), heads: true, cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    { id: 'organization', title: t('holds.organization'), cell: (row) => row.organization },
    { id: 'minutes', title: t('recordings.minutes'), figure: true, cell: (row) => Math.ceil((row.length_ms ?? 0) / 60_000) },
    { id: 'size', title: t('recordings.size'), figure: true, cell: (row) => (row.size / 1_048_576).toFixed(1) },
    {
      id: 'until',
      title: t('recordings.until'),
      cell: (row) => (row.held ? t('recordings.held') : <span className="numbers">{formatDayTime(row.kept_until)}</span>),
    },
    {
      id: 'delete',
      title: t('recordings.delete'),
      titleHidden: true,
      cell: (row) =>
        row.over && !row.held ? (
          <Button kind="quiet" icon="trash" iconOnly onPress={() => onDelete(row)}>
            {t('recordings.deleteOf', { time: formatDayTime(row.at) })}
          </Button>
        ) : null,
    },
  ];
  return <DataTable caption={t('recordings.heading')} captionHidden rows={recordings} rowKey={(row) => row.id} stacks columns={columns} />;
}

function DeleteDialog({ recording, onClose }: { recording: KeptRecording; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => post<Kept>(`/admin/recordings/${encodeURIComponent(recording.id)}/delete`, { reason: reason.trim() }),
    onSuccess: (kept) => {
      queries.setQueryData(RECORDINGS_KEY, kept);
      onClose();
    },
  });
  const mute = reason.trim() === '';
  const submit = (): void => {
    setTried(true);
    if (mute) document.getElementById('recording-reason')?.focus();
    else save.mutate();
  };
  return (
    <EditDialog title={t('recordings.deleteTitle')} onClose={onClose} save={save} onSubmit={submit} submit={t('recordings.delete')} danger>
      <p>{t('recordings.deleteExplain')}</p>
      <ReasonField id="recording-reason" hint={t('recordings.reasonHint')} value={reason} onChange={setReason} isMissing={tried && mute} />
    </EditDialog>
  );
}
