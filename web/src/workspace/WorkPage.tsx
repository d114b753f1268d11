import { type ReactElement, useState } from 'react';
import { Outlet, useMatch, useNavigate, useOutletContext } from 'react-router';
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

/** The frame of the clinician's day: the queue beside what is open. Beside an open visit the queue folds to a rail. */
export default function WorkPage(): ReactElement {
  const queue = useQueue();
  const inVisit = useMatch('/work/visits/:visit') !== null;
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
