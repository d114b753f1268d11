import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { post } from '../../api/client';
import type { Visit } from '../../api/messages';
import { useRoom } from '../../visit/VisitRoom';

export type Move = 'admit' | 'away' | 'back' | 'end' | 'cancel' | 'no-show';

/** Moves the visit to its next state and takes in the visit that the server answers with. */
export function useMove(move: Move, onDone?: () => void): UseMutationResult<{ visit: Visit }, Error, unknown> {
  const { visitId, setVisit } = useRoom();
  return useMutation({
    mutationFn: (body: unknown) =>
      post<{ visit: Visit }>(`/visits/${encodeURIComponent(visitId)}/${move}`, body ?? undefined),
    onSuccess: ({ visit }) => {
      setVisit(visit);
      onDone?.();
    },
  });
}
