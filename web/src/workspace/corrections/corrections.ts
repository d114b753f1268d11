import { type UseMutationResult, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError, get, post } from '../../api/client';

/** A result that was corrected after who signs in had seen it. */
export interface Correction {
  id: string;
  patient: { id: string; name: string; birth_date: string };
  /** The report, or what was measured where there is no report. */
  about: string;
  /** 1 to 30. */
  changes: ValueChange[];
  /** When who signs in looked last before the correction. */
  seen_at: string;
  corrected_at: string;
}
/** One value of it, in the words and the unit of who reported it. */
export interface ValueChange {
  what: string;
  /** `null`: nothing was reported before. */
  was: string | null;
  /** `null`: withdrawn, because it was entered in error. */
  now: string | null;
}

/** The server names at most this many. */
export const MOST = 100;
const ASK_EVERY_MS = 60_000;
const KEY = ['corrections'] as const;
const LIST_KEY = [...KEY, 'list'] as const;

/** What was corrected and is not acknowledged, newest first. Reading it is audited: it is read when it is opened. */
export function useCorrections(): UseQueryResult<Correction[]> {
  return useQuery({
    queryKey: LIST_KEY,
    queryFn: async ({ signal }) => (await get<{ corrections: Correction[] }>('/corrections', { signal })).corrections,
    staleTime: ASK_EVERY_MS / 2,
  });
}

/** How many that are. Nothing is asked while the page is hidden or offline; the server does not count it as use of the session. */
export function useCorrectionsCount(): UseQueryResult<number> {
  return useQuery({
    queryKey: [...KEY, 'count'],
    queryFn: async ({ signal }) => (await get<{ count: number }>('/corrections/count', { signal })).count,
    staleTime: ASK_EVERY_MS / 2,
    refetchInterval: ASK_EVERY_MS,
  });
}

/** Says that a correction was seen: it leaves the list, right after `onTaken`, when the server has taken it. */
export function useAcknowledge(id: string, onTaken: () => void): UseMutationResult<void, Error, void> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await post(`/corrections/${encodeURIComponent(id)}/acknowledge`, {}).catch((error: unknown) => {
        // It was acknowledged in another window.
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    },
    onSuccess: () => {
      onTaken();
      queries.setQueryData<Correction[]>(LIST_KEY, (list) => list?.filter((one) => one.id !== id));
      // Also ends a reading that is under way, whose answer may still name this one.
      void queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

/** The one to go on with after `id`: the one below, else the one above, else none. */
export function following(list: readonly Correction[], id: string): Correction | null {
  const at = list.findIndex((one) => one.id === id);
  if (at < 0) return list[0] ?? null;
  return list[at + 1] ?? list[at - 1] ?? null;
}

/** Whether it has to be said that nothing is known: the server refused, and neither a sign-in nor a moment mends it. */
export function isUnknown({ data, error }: { data: number | undefined; error: Error | null }): boolean {
  if (data !== undefined || !error) return false;
  return !(error instanceof ApiError && (error.passing || error.status === 401));
}
