import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { get } from '../../api/client';
import { type LinkState, ReconnectingSocket } from '../../api/socket';
import type { QueueMessage, VisitSummary } from '../../api/messages';
import { localDay, localZone } from '../../format';

export interface Queue {
  /** `YYYY-MM-DD`; only today's queue is live. */
  day: string;
  setDay(day: string): void;
  visits: VisitSummary[] | undefined;
  error: unknown;
  /** How fresh the list is: `past` for another day than today. */
  feed: LinkState | 'past';
  refetch(): void;
}

/** The visits of one day, kept current by the queue's socket while the day is today. */
export function useQueue(): Queue {
  const [day, setDay] = useState(() => localDay());
  const queries = useQueryClient();
  const today = localDay();
  const live = useTodaysFeed((visits) => queries.setQueryData(['visits', today], visits));
  const visits = useQuery({
    queryKey: ['visits', day],
    queryFn: async () => {
      const query = new URLSearchParams({ day, zone: localZone() });
      return (await get<{ visits: VisitSummary[] }>(`/visits?${query}`)).visits;
    },
    staleTime: day === today && live === 'open' ? Number.POSITIVE_INFINITY : 0,
  });
  return {
    day,
    setDay,
    visits: visits.data,
    error: visits.data ? null : visits.error,
    feed: day === today ? live : 'past',
    refetch: () => void visits.refetch(),
  };
}

function useTodaysFeed(onVisits: (visits: VisitSummary[]) => void): LinkState {
  const [state, setState] = useState<LinkState>('connecting');
  const queries = useQueryClient();
  const receive = useEffectEvent((message: QueueMessage) => {
    if (message.t === 'queue') onVisits(message.visits);
    // Signed out elsewhere: who is here is asked again, and the page leaves.
    else void queries.invalidateQueries({ queryKey: ['session'] });
  });
  useEffect(() => {
    const socket = new ReconnectingSocket<QueueMessage, never>('/queue/socket', 'account', {
      onMessage: (message) => receive(message),
      onState: setState,
    });
    return () => socket.close();
  }, []);
  return state;
}
