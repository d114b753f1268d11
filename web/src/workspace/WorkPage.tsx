import { type ReactElement, useState } from 'react';
import { Outlet, useMatch, useNavigate, useOutletContext } from 'react-router';
import { useSession } from '../api/session';
import { Help } from './Help';
import { BookDialog } from './booking/BookDialog';
import { QueuePanel } from './queue/QueuePanel';
import { type Queue, useQueue } from './queue/useQueue';
import { useShortcuts } from './shortcuts';
import './workspace.css';

/** What every screen of the workspace may use. */
export interface Work {
  queue: Queue;
  book(kind: 'booked' | 'walk-in'): void;
  showHelp(): void;
}

export function useWork(): Work {
  return useOutletContext<Work>();
}

/**
 * The frame of the day: the queue beside what is open. Beside a visit that a clinician is in the queue folds to a rail;
 * the front desk is in no visit and keeps it whole.
 */
export default function WorkPage(): ReactElement {
  const queue = useQueue();
  const holdsVisits = useSession().data?.session?.user.role === 'clinician';
  const inVisit = useMatch('/work/visits/:visit') !== null && holdsVisits;
  const [booking, setBooking] = useState<'booked' | 'walk-in' | null>(null);
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  useShortcuts({
    queue: () => {
      if (inVisit) void navigate('/work');
      else document.querySelector<HTMLElement>('.queue-item')?.focus();
    },
    search: () => focusSearch(() => void navigate('/work'), inVisit),
    help: () => setHelp(true),
  });
  const work: Work = { queue, book: setBooking, showHelp: () => setHelp(true) };
  return (
    <div className="work" data-visit={inVisit || undefined}>
      <QueuePanel work={work} folded={inVisit} />
      <Outlet context={work} />
      {booking && <BookDialog kind={booking} onClose={() => setBooking(null)} />}
      <Help isOpen={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** The list's filter; from inside a visit the list is opened first. */
function focusSearch(open: () => void, inVisit: boolean): void {
  if (inVisit) open();
  requestAnimationFrame(() => setTimeout(() => document.getElementById('queue-filter')?.focus(), inVisit ? 60 : 0));
}
