import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { post } from '../api/client';
import type { Visit } from '../api/messages';
import { useRoom } from '../visit/VisitRoom';

/** One thing that is done with the people of the visit; the visit comes back as it is then. */
export function usePeople(onDone?: () => void): UseMutationResult<{ visit?: Visit } | undefined, Error, string> {
  const { visitId, as, setVisit } = useRoom();
  return useMutation({
    mutationFn: (path: string) => post<{ visit?: Visit } | undefined>(`/visits/${encodeURIComponent(visitId)}/${path}`, undefined, { as }),
    onSuccess: (answer) => {
      if (answer?.visit) setVisit(answer.visit);
      onDone?.();
    },
  });
}
