import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../../api/client';
import type { Flow } from './flow';
import { MESSAGES_KEY, type MessageLine, inRequests } from './messages';
import { SENDERS_AT, SENDERS_KEY, type Sender } from './senders';

const FLOW_EVERY_MS = 15_000;

/** How messages flow, looked at again and again. */
export function useFlow() {
  return useQuery({
    queryKey: [...MESSAGES_KEY, 'flow'],
    queryFn: () => get<Flow>('/admin/messages/flow'),
    refetchInterval: FLOW_EVERY_MS,
  });
}

export function useSenders() {
  return useQuery({
    queryKey: SENDERS_KEY,
    queryFn: async () => (await get<{ senders: Sender[] }>(SENDERS_AT)).senders,
  });
}

/** Tries messages again, oldest first, and looks anew at all that may have changed by it. */
export function useReplay(done: (tried: MessageLine[]) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const tried: MessageLine[] = [];
      for (const messages of inRequests(ids)) {
        tried.push(...(await post<{ messages: MessageLine[] }>('/admin/messages/replay', { messages })).messages);
      }
      return tried;
    },
    onSuccess: done,
    // What was tried before a request failed has changed as well.
    onSettled: () => queries.invalidateQueries({ queryKey: MESSAGES_KEY }),
  });
}

/** One message. Each reading is audited as one of the patient's record: nothing is read again by itself, or kept. */
export function useOne<T>(key: readonly string[], at: string, id: string) {
  return useQuery({
    queryKey: [...key, 'one', id],
    queryFn: () => get<T>(`${at}/${encodeURIComponent(id)}`),
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
