import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { post } from '../../api/client';
import type { Visit } from '../../api/messages';
import { useRoom } from '../../visit/VisitRoom';

export type Move = 'admit' | 'away' | 'back' | 'end' | 'cancel' | 'no-show';

/** Moves the visit to its next state and takes in the visit that the server answers with. */
export function useMove(move: Move, onDone?: () => void): UseMutationResult<{ visit: Visit }, Error, unknown> {
  const { visitId, setVisit } = useRoom();
  return useMoveOf<Visit>(visitId, move, (visit) => {
    setVisit(visit);
    onDone?.();
  });
}

/** The same of a visit that one is not in; it comes back as who moves it may see it. */
export function useMoveOf<Shown>(
  visitId: string,
  move: Move,
  onMoved: (visit: Shown) => void,
): UseMutationResult<{ visit: Shown }, Error, unknown> {
  return useMutation({
    mutationFn: (body: unknown) =>
      post<{ visit: Shown }>(`/visits/${encodeURIComponent(visitId)}/${move}`, body ?? undefined),
    onSuccess: ({ visit }) => onMoved(visit),
  });
}
