import { type ReactElement, type ReactNode, Suspense, lazy, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { OpenIn } from '../../applications/OpenIn';
import { Banner, Icon, Loading } from '../../design';
import { type Part, Parts } from '../../design/Parts';
import { useRoom } from '../../visit/VisitRoom';
import { Dock } from '../dock/Dock';
import { NotePart } from '../note/NotePart';
import { SaveLine } from '../note/SaveLine';
import { useNote } from '../note/useNote';
import { EmergencyBanner } from '../patients/EmergencyBanner';
import { useShortcuts } from '../shortcuts';
import { ChartPart } from './ChartPart';
import { IntakePart } from './IntakePart';
import { OpinionPart } from './OpinionPart';
import { PatientBanner } from './PatientBanner';
import { PhotosPart } from './PhotosPart';
import { QualityPart } from './QualityPart';
import { VisitActions } from './VisitActions';
import { useChart } from './useChart';
import { useTopHeight } from './useTopHeight';

const RecordingsPart = lazy(() => import('../../recording/RecordingsPart'));

const PARTS = ['chart', 'intake', 'photos', 'note', 'opinion', 'recordings', 'quality'] as const;
type PartName = (typeof PARTS)[number];

/** The chart and the note in the middle, the call beside them, who it is about above both. */
export function VisitScreen(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, link } = useRoom();
  const chart = useChart();
  const note = useNote();
  const [part, setPart] = usePart();
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [large, setLarge] = useState(false);
  const top = useTopHeight();

  useEffect(() => {
    document.title = `${visit.patient.name} · Bianque`;
  }, [visit.patient.name]);
  useShortcuts({ note: () => openNote(setPart) });

  const parts: Part<PartName>[] = [
    {
      id: 'chart',
      label: t('tab.chart'),
      icon: 'heart',
      mark: chart.unread ? <New /> : null,
      content: (
        <>
          <OpenIn patientId={visit.patient.id} visitId={visit.id} />
          <ChartPart chart={chart} />
        </>
      ),
    },
    { id: 'intake', label: t('tab.intake'), icon: 'document', content: <IntakePart /> },
    {
      id: 'photos',
      label: t('tab.photos'),
      icon: 'photo',
      mark: <Count of={visit.photos.length} />,
      content: <PhotosPart />,
    },
    { id: 'note', label: t('tab.note'), icon: 'note', content: <NotePart open={note} missing={missing} /> },
    {
      id: 'opinion',
      label: t('tab.opinion'),
      icon: 'users',
      mark: <Count of={visit.invitations.length} />,
      content: <OpinionPart />,
    },
    {
      id: 'recordings',
      label: t('tab.recordings'),
      icon: 'record',
      content: (
        <Suspense fallback={<Loading />}>
          <RecordingsPart />
        </Suspense>
      ),
    },
    { id: 'quality', label: t('tab.quality'), icon: 'chart', content: <QualityPart /> },
  ];
  return (
    <main id="main" className="visit" data-call={large ? 'large' : 'docked'} style={top.style}>
      <div className="visit-top" ref={top.ref}>
        <Link className="visit-back" to="/work">
          <Icon name="arrow-left" size={18} />
          {t('queue.back')}
        </Link>
        <PatientBanner
          visit={visit}
          chart={chart.query}
          actions={
            <VisitActions
              open={note}
              chart={chart}
              onMissing={(fields) => {
                setMissing([...fields]);
                setPart('note');
              }}
            />
          }
        />
        <EmergencyBanner patientId={visit.patient.id} />
        {link === 'reconnecting' && (
          <Banner tone="warn" icon="wifi-off" live="status">
            {t('visit.lost')}
          </Banner>
        )}
      </div>
      <div className="visit-parts">
        {part !== 'note' && note.session.unsaved() && <SaveLine snapshot={note.snapshot} />}
        <Parts label={t('tab.label')} parts={parts} selected={part} onSelect={setPart} />
      </div>
      <Dock large={large} onLarge={setLarge} />
    </main>
  );
}

/** The chosen part stays in the address, so that a link or a reload opens the same one. */
function usePart(): [PartName, (part: PartName) => void] {
  const [search, setSearch] = useSearchParams();
  const asked = search.get('part');
  const part = PARTS.find((name) => name === asked) ?? 'chart';
  return [part, (next) => setSearch({ part: next }, { replace: true })];
}

function openNote(setPart: (part: PartName) => void): void {
  setPart('note');
  setTimeout(() => document.getElementById('note-subjective')?.focus(), 80);
}

function Count({ of }: { of: number }): ReactNode {
  return of > 0 ? <span className="count-mark numbers">{of}</span> : null;
}

function New(): ReactElement {
  const { t } = useTranslation('workspace');
  return <span className="new-mark">{t('tab.changed')}</span>;
}
