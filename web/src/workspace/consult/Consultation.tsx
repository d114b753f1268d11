import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Opinion } from '../../api/messages';
import { Banner, Icon } from '../../design';
import { type Part, Parts } from '../../design/Parts';
import { useRoom } from '../../visit/VisitRoom';
import { Dock } from '../dock/Dock';
import { ChartPart } from '../visit/ChartPart';
import { IntakePart } from '../visit/IntakePart';
import { PatientBanner } from '../visit/PatientBanner';
import { PhotosPart } from '../visit/PhotosPart';
import { useChart } from '../visit/useChart';
import { useTopHeight } from '../visit/useTopHeight';
import { Answered, Closed } from './Closed';
import { ConsultNote } from './ConsultNote';
import { OpinionEditor } from './OpinionEditor';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';

type PartName = 'opinion' | 'chart' | 'intake' | 'photos' | 'note';

/** What somebody who was asked sees: this visit, the call, and the opinion to write. */
export function Consultation(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, as, me, over, link } = useRoom();
  const [signed, setSigned] = useState<Opinion | null>(null);
  const chart = useChart();
  const [part, setPart] = useState<PartName>('chart');
  const [large, setLarge] = useState(false);
  const top = useTopHeight();
  useEffect(() => {
    document.title = `${t('consult.title')} · Bianque`;
  }, [t]);
  const invitation =
    visit.invitations.find((one) => one.id === me?.id) ?? visit.invitations.find((one) => one.name === me?.name);
  // Who comes by an account is asked no more once they signed; who comes by a link reads until the visit closes.
  if (signed && as === 'account') return <Answered opinion={signed} />;
  if (over || invitation?.state === 'over' || visit.state === 'cancelled') return <Closed word="over" backTo={as === 'account' ? '/consults' : undefined} />;
  const parts: Part<PartName>[] = [
    { id: 'chart', label: t('tab.chart'), icon: 'heart', content: <ChartPart chart={chart} /> },
    { id: 'intake', label: t('tab.intake'), icon: 'document', content: <IntakePart /> },
    { id: 'photos', label: t('tab.photos'), icon: 'photo', content: <PhotosPart /> },
    { id: 'note', label: t('tab.note'), icon: 'note', content: <ConsultNote /> },
    { id: 'opinion', label: t('tab.opinion'), icon: 'edit', content: <OpinionEditor invitation={invitation} onSigned={setSigned} /> },
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
            <Icon name="lock" size={14} /> {t(as === 'account' ? 'consult.accessAccount' : 'consult.access')}
          </p>
        </Banner>
        <Parts<PartName> label={t('tab.label')} parts={parts} selected={part} onSelect={setPart} />
      </div>
      <Dock large={large} onLarge={setLarge} />
    </main>
  );
}
