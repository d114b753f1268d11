import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { get } from '../../api/client';
import type { Chart } from '../../api/chart';
import { useRoom } from '../../visit/VisitRoom';

export interface ChartReading {
  query: UseQueryResult<Chart>;
  /** The version that was on screen last; signing names it, so that nobody signs over what was not read. */
  seen: string;
  /** The newest version that was fetched. */
  latest: string;
  /** The chart has changed since it was on screen. */
  unread: boolean;
  /** Call while the chart is on screen. */
  markSeen(): void;
  refresh(): Promise<void>;
}

/** The patient's chart, fetched again whenever the visit says that it changed. */
export function useChart(): ChartReading {
  const { visit, visitId, as, consult } = useRoom();
  const path = consult
    ? `/visits/${encodeURIComponent(visitId)}/chart`
    : `/patients/${encodeURIComponent(visit.patient.id)}/chart`;
  const query = useQuery({ queryKey: ['chart', path], queryFn: () => get<Chart>(path, { as }), staleTime: 15_000 });
  const latest = query.data?.version ?? '';
  const [seen, setSeen] = useState('');
  const { refetch } = query;

  const before = useRef(visit.chart_version);
  useEffect(() => {
    if (before.current === visit.chart_version) return;
    before.current = visit.chart_version;
    void refetch();
  }, [visit.chart_version, refetch]);

  const markSeen = useCallback(() => setSeen(latest), [latest]);
  const refresh = useCallback(async () => void (await refetch()), [refetch]);
  return { query, seen, latest, unread: seen !== '' && latest !== seen, markSeen, refresh };
}
