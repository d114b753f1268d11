import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { CallStage } from '../call/CallStage';
import { useCall } from '../call/useCall';
import { useWakeLock } from '../call/useWakeLock';
import { AmbulanceNumbers } from '../design/EmergencyHelp';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Page } from '../design/Page';
import { Banner } from '../design/surfaces';
import { AddPhoto } from '../photos/AddPhoto';
import { usePhotoQueue } from '../photos/PhotoQueueProvider';
import { PendingPhotos, PhotoStrip } from '../photos/PhotoStrip';
import { isPhoto } from '../photos/store';
import { ChatPanel } from '../visit/ChatPanel';
import { TopBar } from '../shell/TopBar';
import { useRoom } from '../visit/VisitRoom';

/** `/v/:visit/call`: the visit itself. */
export default function CallPage(): ReactElement {
  const { t } = useTranslation(['call', 'patient', 'photos', 'errors']);
  const [left, setLeft] = useState(false);
  if (left) {
    return (
      <>
        <TopBar emergency />
        <Left onBack={() => setLeft(false)} />
      </>
    );
  }
  return (
    <>
      <title>{`${t('call')} · Bianque`}</title>
      <LiveCall onLeave={() => setLeft(true)} />
    </>
  );
}

function LiveCall({ onLeave }: { onLeave(): void }): ReactElement {
  const { t } = useTranslation(['call', 'patient']);
  const { visit, link } = useRoom();
  const call = useCall(true);
  const { view: photos } = usePhotoQueue();
  const [sheet, setSheet] = useState<'photo' | 'chat' | null>(null);
  const unread = useUnread(sheet === 'chat');
  useWakeLock(true);
  const close = (): void => setSheet(null);
  const { name } = visit.practitioner;
  const notice =
    visit.state === 'onleave' ? (
      <Banner tone="info" live="status">
        {t('patient:call.away', { name })}
      </Banner>
    ) : link !== 'open' ? (
      <Banner tone="warn" live="status" icon="refresh">
        {t('patient:call.link-lost')}
      </Banner>
    ) : photos.items.some(isPhoto) ? (
      <Banner tone="info" icon="photo">
        <PendingPhotos />
      </Banner>
    ) : null;
  return (
    <main id="main">
      <h1 className="hidden-text">{t('patient:call.title', { name })}</h1>
      <CallStage
        layout="full"
        call={call}
        notice={notice}
        alone={<p className="call-alone-text">{t('patient:call.alone', { name })}</p>}
        onPhoto={() => setSheet('photo')}
        onChat={() => setSheet('chat')}
        unread={unread}
        onLeave={onLeave}
      />
      <Dialog title={t('photo')} isOpen={sheet === 'photo'} onClose={close}>
        <Photos />
      </Dialog>
      <Dialog title={t('messages')} isOpen={sheet === 'chat'} onClose={close}>
        <ChatPanel />
      </Dialog>
    </main>
  );
}

/** Messages of the others that came since the page opened or the messages were last looked at. */
function useUnread(open: boolean): number {
  const { chat, you, greetings } = useRoom();
  const others = chat.filter((message) => message.by.id !== you).length;
  const [read, setRead] = useState<number | null>(null);
  useEffect(() => {
    if (open || (read === null && greetings > 0)) setRead(others);
  }, [open, read, greetings, others]);
  return open || read === null ? 0 : Math.max(0, others - read);
}

function Photos(): ReactElement {
  const { t } = useTranslation('patient');
  const { visit, as } = useRoom();
  return (
    <>
      <p className="soft">{t('waiting.photos-hint')}</p>
      <AddPhoto />
      <PendingPhotos />
      {visit.photos.length > 0 && <PhotoStrip photos={visit.photos} as={as} />}
    </>
  );
}

/** Out of the call while the visit goes on: back in, or away for good. */
function Left({ onBack }: { onBack(): void }): ReactElement {
  const { t } = useTranslation('patient');
  const { visit, visitId } = useRoom();
  const { queue } = usePhotoQueue();
  const go = async (): Promise<void> => {
    await post(`/visits/${encodeURIComponent(visitId)}/leave`, undefined, { as: 'visit' }).catch(() => undefined);
    await queue.forget();
    sessionStorage.clear();
    location.reload();
  };
  return (
    <Page title={t('left.title')} lead={t('left.text', { name: visit.practitioner.name })} narrow>
      <Button kind="primary" wide onPress={onBack}>
        {t('left.back')}
      </Button>
      <Banner tone="info" title={t('plan.wait.worse')}>
        <AmbulanceNumbers />
      </Banner>
      <Button kind="quiet" onPress={() => void go()}>
        {t('left.go')}
      </Button>
    </Page>
  );
}
