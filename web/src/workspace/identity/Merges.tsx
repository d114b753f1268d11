import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../../api/client';
import { Button, Empty, Failure, Loading, StatusPill, TextField } from '../../design';
import { formatDate, formatDayTime } from '../../format';
import { Confirm } from '../visit/dialogs/Confirm';
import type { PatientMerge } from './messages';

/** Merges of late, each of which can be undone. */
export function Merges({ onDone }: { onDone(words: string): void }): ReactElement {
  const { t } = useTranslation('identity');
  const [undoing, setUndoing] = useState<PatientMerge | null>(null);
  const found = useQuery({
    queryKey: ['identity', 'merges'],
    queryFn: async () => (await get<{ merges: PatientMerge[] }>('/patients/merges')).merges,
  });
  if (found.isPending) return <Loading />;
  if (found.isError) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data.length === 0) return <Empty title={t('merges.empty')}>{t('merges.emptyBody')}</Empty>;
  return (
    <div className="identity-list">
      {found.data.map((merge) => (
        <MergeCard key={merge.id} merge={merge} onUndo={() => setUndoing(merge)} />
      ))}
      {undoing && <UndoDialog merge={undoing} onClose={() => setUndoing(null)} onDone={onDone} />}
    </div>
  );
}

function MergeCard({ merge, onUndo }: { merge: PatientMerge; onUndo(): void }): ReactElement {
  const { t } = useTranslation('identity');
  const name = t('merges.line', { merged: merge.merged.name, survivor: merge.survivor.name });
  const born = merge.survivor.birth_date;
  return (
    <article className="card identity-pair" aria-label={name}>
      <div className="identity-pair-head">
        <h3>{name}</h3>
        {merge.undone && <StatusPill>{t('merges.undone')}</StatusPill>}
      </div>
      <p className="soft numbers">
        {[born && formatDate(born), merge.by, formatDayTime(merge.at)].filter(Boolean).join(' · ')}
      </p>
      <p>{merge.reason}</p>
      {merge.undone ? (
        <p className="soft">{[merge.undone.reason, merge.undone.by, formatDayTime(merge.undone.at)].filter(Boolean).join(' · ')}</p>
      ) : (
        <div className="row">
          <Button icon="swap" onPress={onUndo}>
            {t('merges.undo')}
          </Button>
        </div>
      )}
    </article>
  );
}

function UndoDialog({ merge, onClose, onDone }: { merge: PatientMerge; onClose(): void; onDone(words: string): void }): ReactElement {
  const { t } = useTranslation('identity');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const undo = useMutation({
    mutationFn: () => post(`/patients/merges/${encodeURIComponent(merge.id)}/undo`, { reason: reason.trim() }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['identity'] });
      onDone(t('merges.done', { merged: merge.merged.name, survivor: merge.survivor.name }));
      onClose();
    },
  });
  const submit = (): void => {
    setTried(true);
    if (reason.trim()) undo.mutate();
  };
  return (
    <Confirm
      title={t('merges.undoTitle')}
      submit={t('merges.undo')}
      isPending={undo.isPending}
      error={undo.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{t('merges.explain', { merged: merge.merged.name, survivor: merge.survivor.name })}</p>
      <TextField
        label={t('reason')}
        error={tried && !reason.trim() ? t('reasonMissing') : null}
        value={reason}
        onChange={setReason}
        maxLength={500}
        multiline
        rows={2}
      />
    </Confirm>
  );
}
