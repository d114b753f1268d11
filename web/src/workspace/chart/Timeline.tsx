import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Chart, ChartNote } from '../../api/chart';
import { Button, Card, Icon, StatusPill } from '../../design';
import { formatDayTime, formatDate } from '../../format';
import { type VisitOnLine, looseNotes, timelineOf } from './timeline';

/** Visits that are shown before one asks for older ones. */
const FEW = 6;

export interface TimelineProps {
  chart: Chart;
  visitId?: string | undefined;
  linksVisits: boolean;
}

/** Visits on a line of time, each with what came of it. */
export function Timeline({ chart, visitId, linksVisits }: TimelineProps): ReactElement {
  const { t } = useTranslation('record');
  const [all, setAll] = useState(false);
  const total = chart.visits.length;
  let room = all ? total : FEW;
  const years = timelineOf(chart)
    .map(({ year, visits }) => {
      const shown = visits.slice(0, Math.max(0, room));
      room -= shown.length;
      return { year, visits: shown };
    })
    .filter(({ visits }) => visits.length > 0);
  const loose = looseNotes(chart);
  return (
    <Card title={t('visits.title')} level={3}>
      {total === 0 && <p className="soft">{t('visits.none')}</p>}
      {years.map(({ year, visits }) => (
        <section key={year ?? ''} className="line-year" aria-label={year ?? t('vitals.noTime')}>
          <h4 className="numbers">{year ?? t('vitals.noTime')}</h4>
          <ol className="line-visits">
            {visits.map((one) => (
              <li key={one.visit.id} data-now={one.visit.id === visitId || undefined}>
                <OnLine one={one} isThis={one.visit.id === visitId} links={linksVisits && one.visit.held} />
              </li>
            ))}
          </ol>
        </section>
      ))}
      {total > FEW && (
        <Button kind="quiet" icon={all ? 'minus' : 'plus'} aria-expanded={all} onPress={() => setAll(!all)}>
          {all ? t('visits.fewer') : t('visits.all', { count: total })}
        </Button>
      )}
      {loose.length > 0 && (
        <>
          <h4>{t('visits.otherNotes')}</h4>
          <ul className="entries">
            {loose.map((note) => (
              <li key={note.id}>
                <NoteLine note={note} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function OnLine({ one, isThis, links }: { one: VisitOnLine; isThis: boolean; links: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const { t: ofWork } = useTranslation('workspace');
  const { visit } = one;
  const when = visit.start ? formatDayTime(visit.start) : t('vitals.noTime');
  const state = visit.signed
    ? ofWork('queue.signed')
    : ofWork([`chart.status.${visit.state}`, `state.${visit.state}`, 'chart.unsigned']);
  const came = (['measured', 'reports', 'photos', 'documents'] as const).filter((kind) => one[kind] > 0);
  return (
    <>
      <div className="line-head">
        {links && !isThis ? (
          <Link to={`/work/visits/${visit.id}`} className="numbers">
            {when}
          </Link>
        ) : (
          <span className="numbers">{when}</span>
        )}
        {isThis ? (
          <StatusPill tone="accent">{ofWork('chart.thisVisit')}</StatusPill>
        ) : (
          <StatusPill icon={visit.signed ? 'lock' : 'info'}>{state}</StatusPill>
        )}
      </div>
      {visit.reason && <div className="entry-name">{visit.reason}</div>}
      <div className="small soft">
        {[visit.practitioner, visit.disposition && ofWork(`note.disposition_.${visit.disposition}`)].filter(Boolean).join(' · ')}
      </div>
      {came.length > 0 && (
        <div className="small soft numbers">{came.map((kind) => t(`visits.${kind}`, { count: one[kind] })).join(' · ')}</div>
      )}
      {one.notes.map((note) => (
        <NoteLine key={note.id} note={note} />
      ))}
    </>
  );
}

function NoteLine({ note }: { note: ChartNote }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <div className="small">
      <Icon name="document" size={14} /> {t([`chart.noteTitle.${note.title}`, 'chart.noteTitle.other'], { title: note.title })}
      <span className="soft numbers"> · {[note.author, note.signed_at && formatDate(note.signed_at)].filter(Boolean).join(' · ')}</span>
    </div>
  );
}
