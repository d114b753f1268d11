import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Chart } from '../../api/messages';
import type { Speaker } from '../../api/client';
import { Card, Icon, StatusPill } from '../../design';
import { formatDate, formatDay, formatDayTime } from '../../format';
import { PhotoGrid } from '../visit/PhotoGrid';
import { Observations } from './Observations';

export interface ChartViewProps {
  chart: Chart;
  as: Speaker;
  /** The visit that the reader is in, so that it is told apart from past ones. */
  visitId?: string;
  /** Consultants read this visit only and go to no other. */
  linksVisits?: boolean;
  /** Only what an examination is reported with; an empty list of anything else would say what is not known. */
  examinations?: boolean;
}

/** The patient's record as one reads it beside a visit: what can harm first, then what is known. */
export function ChartView({ chart, as, visitId, linksVisits, examinations }: ChartViewProps): ReactElement {
  return (
    <div className="chart-grid">
      <Allergies allergies={chart.allergies} />
      <Problems conditions={chart.conditions} />
      {!examinations && <Medications medications={chart.medications} />}
      <div className="chart-wide">
        <Observations observations={chart.observations} />
      </div>
      {!examinations && (
        <>
          <PastVisits chart={chart} {...(visitId !== undefined && { visitId })} linksVisits={linksVisits ?? false} />
          <Notes notes={chart.notes} />
        </>
      )}
      {chart.photos.length > 0 && <Photos photos={chart.photos} as={as} />}
    </div>
  );
}

function Allergies({ allergies }: { allergies: Chart['allergies'] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card title={t('chart.allergies')} level={3}>
      <Entries
        none={t('chart.noAllergies')}
        entries={allergies.map((allergy) => ({
          id: allergy.id,
          main: (
            <strong className="danger-text">
              <Icon name="alert" size={16} /> {allergy.text}
            </strong>
          ),
          detail: allergy.recorded_at && t('chart.recorded', { date: formatDay(allergy.recorded_at) }),
          aside: allergy.criticality === 'high' && <StatusPill tone="danger">{t('visit.allergy.high')}</StatusPill>,
        }))}
      />
    </Card>
  );
}

function Problems({ conditions }: { conditions: Chart['conditions'] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card title={t('chart.problems')} level={3}>
      <Entries
        none={t('chart.noProblems')}
        entries={conditions.map((condition) => ({
          id: condition.id,
          main: condition.text,
          detail: [condition.code, condition.onset && t('chart.since', { date: formatDate(condition.onset) })]
            .filter(Boolean)
            .join(' · '),
          aside: condition.status !== 'active' && <Status status={condition.status} />,
        }))}
      />
    </Card>
  );
}

function Medications({ medications }: { medications: Chart['medications'] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card title={t('chart.medications')} level={3}>
      <Entries
        none={t('chart.noMedications')}
        entries={medications.map((medication) => ({
          id: medication.id,
          main: medication.text,
          detail: formatDay(medication.authored_at),
          aside: medication.draft ? (
            <StatusPill tone="warn" icon="edit">
              {t('chart.draft')}
            </StatusPill>
          ) : (
            medication.status !== 'active' && <Status status={medication.status} />
          ),
        }))}
      />
    </Card>
  );
}

function PastVisits({
  chart,
  visitId,
  linksVisits,
}: {
  chart: Chart;
  visitId?: string;
  linksVisits: boolean;
}): ReactElement {
  const { t } = useTranslation('workspace');
  const past = chart.visits.filter((visit) => visit.id !== visitId).sort((a, b) => b.start.localeCompare(a.start));
  return (
    <Card title={t('chart.visits')} level={3}>
      <Entries
        none={t('chart.noVisits')}
        entries={past.map((visit) => ({
          id: visit.id,
          main: linksVisits ? (
            <Link to={`/work/visits/${visit.id}`} className="numbers">
              {formatDayTime(visit.start)}
            </Link>
          ) : (
            <span className="numbers">{formatDayTime(visit.start)}</span>
          ),
          detail: [visit.reason, visit.practitioner, visit.disposition && t(`note.disposition_.${visit.disposition}`)]
            .filter(Boolean)
            .join(' · '),
          aside: <Status status={visit.signed ? 'signed' : visit.state} />,
        }))}
      />
    </Card>
  );
}

function Notes({ notes }: { notes: Chart['notes'] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Card title={t('chart.notes')} level={3}>
      <Entries
        none={t('chart.noNotes')}
        entries={notes.map((note) => ({
          id: note.id,
          // Titles of ours are translated; another system's are shown as they came.
          main: t([`chart.noteTitle.${note.title}`, 'chart.noteTitle.other'], { title: note.title }),
          detail: `${formatDayTime(note.signed_at)} · ${note.author}`,
          aside: <StatusPill icon="document">{t(`chart.note.${note.kind}`)}</StatusPill>,
        }))}
      />
    </Card>
  );
}

function Photos({ photos, as }: { photos: Chart['photos']; as: Speaker }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <div className="chart-wide">
      <Card title={t('chart.photos')} level={3}>
        <PhotoGrid photos={photos} as={as} />
      </Card>
    </div>
  );
}

function Status({ status }: { status: string }): ReactElement {
  const { t } = useTranslation('workspace');
  const word =
    status === 'signed' ? t('queue.signed') : t([`chart.status.${status}`, `state.${status}`, 'chart.unsigned']);
  return <StatusPill icon={status === 'signed' ? 'lock' : 'info'}>{word}</StatusPill>;
}

interface Entry {
  id: string;
  main: ReactNode;
  detail: ReactNode;
  aside?: ReactNode;
}

function Entries({ entries, none }: { entries: Entry[]; none: string }): ReactElement {
  if (entries.length === 0) return <p className="soft">{none}</p>;
  return (
    <ul className="entries">
      {entries.map((entry) => (
        <li key={entry.id}>
          <div className="entry-text">
            <div>{entry.main}</div>
            {entry.detail && <div className="small soft numbers">{entry.detail}</div>}
          </div>
          {entry.aside}
        </li>
      ))}
    </ul>
  );
}
