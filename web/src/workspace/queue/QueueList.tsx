import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import type { VisitSummary } from '../../api/messages';
import { Icon, type IconName } from '../../design';
import { formatTime } from '../../format';
import { useNow } from '../useNow';
import { useAge, useSpan } from '../words';
import { type GroupName, grouped, waitedSeconds } from './groups';

const GROUP_ICON: Record<GroupName, IconName> = {
  waiting: 'clock',
  progress: 'camera',
  booked: 'calendar',
  finished: 'check-circle',
  cancelled: 'close',
};

/** The day's visits under their headings, each a link to its visit. */
export function QueueList({ visits, onOpen }: { visits: VisitSummary[]; onOpen?: () => void }): ReactElement {
  const { t } = useTranslation('workspace');
  const now = useNow(1_000);
  return (
    <nav className="queue" aria-label={t('queue.label')}>
      {grouped(visits).map((group) => (
        <section
          key={group.name}
          className="queue-group"
          data-group={group.name}
          aria-labelledby={`queue-${group.name}`}
        >
          <h2 id={`queue-${group.name}`} className="queue-heading">
            <Icon name={GROUP_ICON[group.name]} size={16} />
            {t(`queue.group.${group.name}`)}
            <span className="queue-count">{group.visits.length}</span>
          </h2>
          <ul>
            {group.visits.map((visit) => (
              <li key={visit.id}>
                <QueueItem visit={visit} now={now} {...(onOpen && { onOpen })} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function QueueItem({ visit, now, onOpen }: { visit: VisitSummary; now: number; onOpen?: () => void }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const { patient } = visit;
  const flagged = visit.red_flags.length > 0;
  return (
    <NavLink
      to={`/work/visits/${visit.id}`}
      className="queue-item"
      data-flagged={flagged || undefined}
      onClick={onOpen}
    >
      <span className="queue-time numbers">{formatTime(visit.start)}</span>
      <span className="queue-main">
        <span className="queue-name">
          <Presence visit={visit} />
          <span className="queue-who">{patient.name}</span>
          <span className="queue-age">
            {t(`sex.${patient.sex}`)} · {age(patient.birth_date)}
          </span>
        </span>
        {flagged && (
          <span className="queue-flag">
            <Icon name="flag" size={15} />
            {visit.red_flags.map((flag) => t(`flag.${flag}`)).join(' · ')}
          </span>
        )}
        {visit.reason && <span className="queue-reason">{visit.reason}</span>}
        <Standing visit={visit} now={now} />
      </span>
    </NavLink>
  );
}

/** A dot and a spoken word: whether the patient's browser is connected. */
function Presence({ visit }: { visit: VisitSummary }): ReactElement | null {
  const { t } = useTranslation('workspace');
  if (visit.state === 'finished' || visit.state === 'cancelled') return null;
  return (
    <span
      className="presence"
      data-present={visit.present || undefined}
      title={visit.present ? t('queue.present') : t('queue.absent')}
    >
      <span className="hidden-text">{visit.present ? t('queue.present') : t('queue.absent')}</span>
    </span>
  );
}

/** What the visit waits for. */
function Standing({ visit, now }: { visit: VisitSummary; now: number }): ReactElement | null {
  const { t } = useTranslation('workspace');
  const span = useSpan();
  const late = (now - Date.parse(visit.start)) / 1000;
  switch (visit.state) {
    case 'arrived':
      return (
        <span className="queue-standing numbers">
          {visit.queue_place !== null && `${t('queue.place', { place: visit.queue_place })} · `}
          {t('queue.waited', { time: span(waitedSeconds(visit, now)) })}
        </span>
      );
    case 'planned':
      return late > 60 ? <span className="queue-standing numbers">{t('queue.late', { time: span(late) })}</span> : null;
    case 'onleave':
      return (
        <span className="queue-standing">
          <Icon name="pause" size={14} /> {t('state.onleave')}
        </span>
      );
    case 'finished':
      return (
        <span className="queue-standing" data-signed={visit.signed || undefined}>
          <Icon name={visit.signed ? 'lock' : 'edit'} size={14} />
          {visit.signed ? t('queue.signed') : t('queue.toSign')}
        </span>
      );
    default:
      return null;
  }
}
