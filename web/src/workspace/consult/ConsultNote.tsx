import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { Note } from '../../api/messages';
import { Empty, Failure, Loading } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { NoteView } from '../note/NoteView';

/** The treating clinician's note as it stands, to read. */
export function ConsultNote(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, as, subscribe } = useRoom();
  const queries = useQueryClient();
  const note = useQuery({
    queryKey: ['note', visitId, as],
    queryFn: async () => (await get<{ note: Note | null }>(`/visits/${encodeURIComponent(visitId)}/note`, { as })).note,
  });
  useEffect(
    () =>
      subscribe((message) => message.t === 'note' && void queries.invalidateQueries({ queryKey: ['note', visitId] })),
    [subscribe, queries, visitId],
  );
  if (note.isPending) return <Loading />;
  if (note.isError) return <Failure error={note.error} onRetry={() => void note.refetch()} />;
  if (!note.data) return <Empty icon="note" title={t('consult.noNote')} />;
  return <NoteView note={note.data} />;
}
