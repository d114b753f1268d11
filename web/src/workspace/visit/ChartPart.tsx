import { type ReactElement, useEffect } from 'react';
import { Failure, Loading } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { ChartView } from '../chart/ChartView';
import { Keeping } from '../chart/Keeping';
import type { ChartReading } from './useChart';

/** The patient's chart; having it on screen is what "seen" means when the note is signed. */
export function ChartPart({ chart }: { chart: ChartReading }): ReactElement {
  const { visit, as, consult } = useRoom();
  const { query, markSeen } = chart;
  useEffect(() => markSeen(), [markSeen]);
  if (query.isPending) return <Loading />;
  if (!query.data) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  const view = <ChartView chart={query.data} as={as} visitId={visit.id} linksVisits={!consult} />;
  // Who is asked by a visit reads, and keeps nothing of the record.
  if (consult) return view;
  return (
    <Keeping chart={query.data} edits>
      {view}
    </Keeping>
  );
}
