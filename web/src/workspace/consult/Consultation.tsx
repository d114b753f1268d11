import { type ReactElement, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Banner, Empty, Icon, PageFailure, PageLoading } from '../../design';
import { Mark } from '../../design/Mark';
import { type Part, Parts } from '../../design/Parts';
import { useDesk } from '../../shell/SignedInLayout';
import { LanguageSwitch, ThemeSwitch } from '../../shell/switchers';
import { VisitRoom, useRoom } from '../../visit/VisitRoom';
import { Dock } from '../dock/Dock';
import { ChartPart } from '../visit/ChartPart';
import { IntakePart } from '../visit/IntakePart';
import { PatientBanner } from '../visit/PatientBanner';
import { PhotosPart } from '../visit/PhotosPart';
import { useChart } from '../visit/useChart';
import { useTopHeight } from '../visit/useTopHeight';
import { ConsultNote } from './ConsultNote';
import { OpinionEditor } from './OpinionEditor';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';

/** What a clinician of another institution sees by invitation: this visit, the call, and the opinion to write. */
export default function ConsultPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit = '' } = useParams();
  useDesk();
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className="top-bar">
        <span className="brand">
          <Mark size={28} />
          <span className="consult-brand">{t('consult.title')}</span>
        </span>
        <div className="top-bar-fill" />
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <Suspense fallback={<PageLoading />}>
        <VisitRoom
          visitId={visit}
          as="visit"
          loading={<PageLoading>{t('visit.loading')}</PageLoading>}
          // With 404 the cookie still speaks, but the visit is no longer there for it.
          denied={({ status }) => <Closed word={status === 404 ? 'over' : 'denied'} />}
          failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
        >
          <Consultation />
        </VisitRoom>
      </Suspense>
    </>
  );
}

function Closed({ word }: { word: 'denied' | 'over' }): ReactElement {
  const { t } = useTranslation('workspace');
  useEffect(() => {
    document.title = `${t(`consult.${word}.title`)} · Bianque`;
  }, [t, word]);
  return (
    <main id="main" className="page">
      <h1 className="hidden-text">{t('consult.title')}</h1>
      <Empty icon="lock" title={t(`consult.${word}.title`)}>
        {t(`consult.${word}.body`)}
      </Empty>
    </main>
  );
}

type PartName = 'opinion' | 'chart' | 'intake' | 'photos' | 'note';

function Consultation(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, me, over, link } = useRoom();
  const chart = useChart();
  const [part, setPart] = useState<PartName>('chart');
  const [large, setLarge] = useState(false);
  const top = useTopHeight();
  useEffect(() => {
    document.title = `${t('consult.title')} · Bianque`;
  }, [t]);
  const invitation =
    visit.invitations.find((one) => one.id === me?.id) ?? visit.invitations.find((one) => one.name === me?.name);
  if (over || invitation?.state === 'over' || visit.state === 'cancelled') return <Closed word="over" />;
  const parts: Part<PartName>[] = [
    { id: 'chart', label: t('tab.chart'), icon: 'heart', content: <ChartPart chart={chart} /> },
    { id: 'intake', label: t('tab.intake'), icon: 'document', content: <IntakePart /> },
    { id: 'photos', label: t('tab.photos'), icon: 'photo', content: <PhotosPart /> },
    { id: 'note', label: t('tab.note'), icon: 'note', content: <ConsultNote /> },
    { id: 'opinion', label: t('tab.opinion'), icon: 'edit', content: <OpinionEditor /> },
  ];
  return (
    <main id="main" className="visit" data-call={large ? 'large' : 'docked'} style={top.style}>
      <div className="visit-top" ref={top.ref}>
        <PatientBanner visit={visit} chart={chart.query} />
        {link === 'reconnecting' && (
          <Banner tone="warn" icon="wifi-off" live="status">
            {t('visit.lost')}
          </Banner>
        )}
      </div>
      <div className="visit-parts">
        <Banner icon="help" title={t('consult.question')}>
          <p className="said">{invitation?.question}</p>
          {me && (
            <p className="small">{t('consult.invitedAs', { name: me.name, organization: me.organization ?? '' })}</p>
          )}
          <p className="small">
            <Icon name="lock" size={14} /> {t('consult.access')}
          </p>
        </Banner>
        <Parts<PartName> label={t('tab.label')} parts={parts} selected={part} onSelect={setPart} />
      </div>
      <Dock large={large} onLarge={setLarge} />
    </main>
  );
}
