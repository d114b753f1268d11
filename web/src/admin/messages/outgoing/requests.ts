import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../../../api/client';
import { inRequests } from '../messages';
import { DESTINATIONS_AT, DESTINATIONS_KEY, type Destination, lookAgainMs } from './destinations';
import { OUTGOING_KEY, type Outflow, type OutgoingLine } from './outgoing';

const FLOW_EVERY_MS = 15_000;

/** How messages go, looked at again and again. */
export function useOutflow() {
  return useQuery({
    queryKey: [...OUTGOING_KEY, 'flow'],
    queryFn: () => get<Outflow>('/admin/outgoing/flow'),
    refetchInterval: FLOW_EVERY_MS,
  });
}

/** Destinations and how it goes with each, looked at again and again. */
export function useDestinations() {
  return useQuery({
    queryKey: DESTINATIONS_KEY,
    queryFn: async () => (await get<{ destinations: Destination[] }>(DESTINATIONS_AT)).destinations,
    refetchInterval: ({ state }) => lookAgainMs(state.data),
  });
}

/** Sends messages again, oldest first, and looks anew at all that may have changed by it. */
export function useResend(done: (lines: OutgoingLine[]) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (ids: readonly string[]) => {
      const lines: OutgoingLine[] = [];
      for (const messages of inRequests(ids)) {
        lines.push(...(await post<{ messages: OutgoingLine[] }>('/admin/outgoing/resend', { messages })).messages);
      }
      return lines;
    },
    onSuccess: done,
    // What was sent before a request failed has changed as well.
    onSettled: () =>
      Promise.all([queries.invalidateQueries({ queryKey: OUTGOING_KEY }), queries.invalidateQueries({ queryKey: DESTINATIONS_KEY })]),
  });
}
