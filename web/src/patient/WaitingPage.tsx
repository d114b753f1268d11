import { type ReactElement, Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { AmbulanceNumbers } from '../design/EmergencyHelp';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { Card, StepProgress } from '../design/surfaces';
import { AddPhoto } from '../photos/AddPhoto';
import { PendingPhotos, PhotoStrip } from '../photos/PhotoStrip';
import { ChatPanel } from '../visit/ChatPanel';
import { useRoom } from '../visit/VisitRoom';
import { useWakeLock } from '../call/useWakeLock';
import { formatTime } from '../shell/when';
import { LeaveVisit } from './LeaveVisit';
import { WaitingCard } from './WaitingCard';
import { STEPS, stepNumber } from './steps';

/** Fetched after the page; without it one waits all the same. */
const PeopleCard = lazy(() => import('../people/PeopleCard').catch(() => ({ default: () => null })));

/** `/v/:visit/waiting`: who will come, how many are before, and what can be done meanwhile. The page moves on by itself. */
export default function WaitingPage(): ReactElement {
  const { t } = useTranslation(['patient', 'photos', 'call']);
  const { visit, as } = useRoom();
  useWakeLock(true);
  const place = visit.queue_place;
  return (
    <Page title={t('waiting.title')} before={<StepProgress step={stepNumber('waiting')} of={STEPS.length} />} narrow>
      <WaitingCard practitioner={visit.practitioner} organization={visit.organization} beside={t('waiting.appointed', { time: formatTime(visit.start) })}>
        {place !== null && <p className="waiting-number numbers">{place === 1 ? t('waiting.next') : t('waiting.before', { count: place - 1 })}</p>}
        <p>{t('waiting.what-next', { name: visit.practitioner.name })}</p>
      </WaitingCard>
      {visit.red_flags.length > 0 && <Urgent />}
      <Card title={t('waiting.photos')}>
        <p className="soft">{t('waiting.photos-hint')}</p>
        <AddPhoto />
        <PendingPhotos />
        {visit.photos.length > 0 && <PhotoStrip photos={visit.photos} as={as} />}
      </Card>
      <Messages />
      <Suspense fallback={null}>
        <PeopleCard />
      </Suspense>
      <nav className="row" aria-label={t('waiting.more')}>
        <Link className="button" data-kind="quiet" to="../device" relative="path">
          <Icon name="camera" size={20} />
          {t('waiting.devices')}
        </Link>
        <Link className="button" data-kind="quiet" to="../intake/check" relative="path">
          <Icon name="edit" size={20} />
          {t('waiting.answers')}
        </Link>
        <Link className="button" data-kind="quiet" to="../accesses" relative="path">
          <Icon name="eye" size={20} />
          {t('accesses.title')}
        </Link>
        <LeaveVisit />
      </nav>
    </Page>
  );
}

function Urgent(): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <section className="plan-danger">
      <h2>
        <Icon name="alert" size={26} />
        {t('waiting.urgent')}
      </h2>
      <p>{t('waiting.urgent-text')}</p>
      <AmbulanceNumbers />
    </section>
  );
}

function Messages(): ReactElement {
  const { t } = useTranslation('patient');
  const { chat } = useRoom();
  const [open, setOpen] = useState(false);
  return (
    <details className="card fold" open={open || chat.length > 0} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="chat" />
        {t('waiting.messages')}
        <span className="fold-sign">
          <Icon name="chevron-down" />
        </span>
      </summary>
      <ChatPanel />
    </details>
  );
}
