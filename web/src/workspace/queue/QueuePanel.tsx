import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import type { VisitSummary } from '../../api/messages';
import { Button, Dialog, Empty, Failure, Icon, Loading, TextField } from '../../design';
import { formatWeekday, localDay, shiftDay } from '../../format';
import { useOnline } from '../../shell/OfflineBar';
import type { Work } from '../WorkPage';
import { QueueList } from './QueueList';
import { grouped, matches } from './groups';

/** The queue at the side: whole beside the day, folded to a rail beside an open visit. */
export function QueuePanel({ work, folded }: { work: Work; folded: boolean }): ReactElement {
  const { t } = useTranslation('workspace');
  const [shown, setShown] = useState(false);
  if (!folded) {
    return (
      <aside className="queue-panel" aria-label={t('day.heading')}>
        <QueueContent work={work} />
      </aside>
    );
  }
  return (
    <aside className="queue-rail" aria-label={t('queue.label')}>
      <Button kind="quiet" icon="panel" iconOnly onPress={() => setShown(true)}>
        {t('queue.show')}
      </Button>
      <Rail visits={work.queue.visits ?? []} />
      <Dialog title={t('day.heading')} side isOpen={shown} onClose={() => setShown(false)} width={420}>
        <QueueContent work={work} onOpen={() => setShown(false)} />
      </Dialog>
    </aside>
  );
}

/** Those who wait or are in a visit, as small links. */
function Rail({ visits }: { visits: VisitSummary[] }): ReactElement {
  const { t } = useTranslation('workspace');
  const now = grouped(visits).filter(({ name }) => name === 'waiting' || name === 'progress');
  return (
    <ul className="rail">
      {now.flatMap((group) =>
        group.visits.map((visit) => (
          <li key={visit.id}>
            <NavLink
              className="rail-item"
              to={`/work/visits/${visit.id}`}
              data-flagged={visit.red_flags.length > 0 || undefined}
              title={visit.patient.name}
            >
              <span className="hidden-text">
                {t('queue.open', { name: visit.patient.name })}
                {visit.red_flags.length > 0 && `, ${t('queue.redFlag')}`}
              </span>
              <span aria-hidden="true" className="rail-name">
                {initialsOf(visit.patient.name)}
              </span>
              <Icon
                name={visit.red_flags.length > 0 ? 'flag' : visit.state === 'arrived' ? 'clock' : 'camera'}
                size={14}
              />
            </NavLink>
          </li>
        )),
      )}
    </ul>
  );
}

function QueueContent({ work, onOpen }: { work: Work; onOpen?: () => void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { queue } = work;
  const [filter, setFilter] = useState('');
  const visits = queue.visits?.filter((visit) => matches(visit, filter));
  return (
    <>
      <DayBar work={work} />
      <TextField
        id="queue-filter"
        type="search"
        label={t('day.search')}
        placeholder={t('day.searchHint')}
        value={filter}
        onChange={setFilter}
        autoComplete="off"
      />
      <Feed work={work} />
      {!queue.visits && !queue.error && <Loading />}
      {queue.error ? <Failure error={queue.error} onRetry={queue.refetch} /> : null}
      {queue.visits?.length === 0 && (
        <Empty icon="calendar" title={t('day.empty.title')}>
          {t('day.empty.body')}
        </Empty>
      )}
      {visits && visits.length > 0 && <QueueList visits={visits} {...(onOpen && { onOpen })} />}
      {filter !== '' && visits?.length === 0 && <p role="status">{t('day.noMatch', { query: filter })}</p>}
    </>
  );
}

function DayBar({ work }: { work: Work }): ReactElement {
  const { t } = useTranslation('workspace');
  const { day, setDay } = work.queue;
  const today = localDay();
  return (
    <div className="day-bar">
      <div className="day-pick">
        <Button kind="quiet" icon="arrow-left" iconOnly onPress={() => setDay(shiftDay(day, -1))}>
          {t('day.previous')}
        </Button>
        <label className="day-label">
          <span className="hidden-text">{t('day.pick')}</span>
          <span aria-hidden="true">{formatWeekday(`${day}T12:00`)}</span>
          <input
            type="date"
            value={day}
            onChange={(event) => event.target.value && setDay(event.target.value)}
            onClick={(event) => event.currentTarget.showPicker?.()}
          />
        </label>
        <Button kind="quiet" icon="arrow-right" iconOnly onPress={() => setDay(shiftDay(day, 1))}>
          {t('day.next')}
        </Button>
        {day !== today && (
          <Button kind="quiet" onPress={() => setDay(today)}>
            {t('day.today')}
          </Button>
        )}
      </div>
      <div className="day-actions">
        <Button kind="primary" icon="calendar" onPress={() => work.book('booked')}>
          {t('day.book')}
        </Button>
        <Button icon="plus" onPress={() => work.book('walk-in')}>
          {t('day.walkIn')}
        </Button>
      </div>
    </div>
  );
}

/** How fresh the list is, always in words. */
function Feed({ work }: { work: Work }): ReactElement {
  const { t } = useTranslation('workspace');
  const online = useOnline();
  const feed = online ? work.queue.feed : 'offline';
  const lost = feed === 'reconnecting' || feed === 'offline';
  return (
    <p className="feed" role="status" data-lost={lost || undefined}>
      <Icon name={feed === 'open' ? 'wifi' : lost ? 'wifi-off' : 'clock'} size={15} />
      {feed === 'open' && t('feed.live')}
      {feed === 'offline' && t('feed.offline')}
      {feed === 'past' && t('feed.past')}
      {(feed === 'reconnecting' || feed === 'connecting' || feed === 'over') && t('feed.reconnecting')}
    </p>
  );
}

/** One Chinese character, else two Latin initials. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  if (/\p{Script=Han}/u.test(name)) return [...name].slice(0, 1).join('');
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase();
}
