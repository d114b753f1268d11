import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { CallStage } from '../call/CallStage';
import { useCall } from '../call/useCall';
import { useWakeLock } from '../call/useWakeLock';
import { Button } from '../design/Button';
import { Page } from '../design/Page';
import { Banner } from '../design/surfaces';
import { TopBar } from '../shell/TopBar';
import { useRoom } from '../visit/VisitRoom';
import { useGuestVisit } from './GuestPage';

/** A guest in the call. */
export function GuestCall(): ReactElement {
  const [left, setLeft] = useState(false);
  return left ? <Left onBack={() => setLeft(false)} /> : <Live onLeave={() => setLeft(true)} />;
}

function Live({ onLeave }: { onLeave(): void }): ReactElement {
  const { t } = useTranslation(['people', 'call', 'patient']);
  const { link } = useRoom();
  const { practitioner, state } = useGuestVisit();
  const call = useCall(true);
  useWakeLock(true);
  const notice =
    state === 'onleave' ? (
      <Banner tone="info" live="status">
        {t('patient:call.away', { name: practitioner.name })}
      </Banner>
    ) : link !== 'open' ? (
      <Banner tone="warn" live="status" icon="refresh">
        {t('patient:call.link-lost')}
      </Banner>
    ) : null;
  return (
    <main id="main">
      <title>{`${t('call:call')} · Bianque`}</title>
      <h1 className="hidden-text">{t('patient:call.title', { name: practitioner.name })}</h1>
      <CallStage
        layout="full"
        call={call}
        notice={notice}
        alone={<p className="call-alone-text">{t('patient:call.alone', { name: practitioner.name })}</p>}
        onLeave={onLeave}
      />
    </main>
  );
}

/** Out of the call while it goes on: back in, or away for good. */
function Left({ onBack }: { onBack(): void }): ReactElement {
  const { t } = useTranslation(['people', 'patient']);
  const { visitId } = useRoom();
  const go = async (): Promise<void> => {
    await post(`/visits/${encodeURIComponent(visitId)}/leave`, undefined, { as: 'visit' }).catch(() => undefined);
    location.reload();
  };
  return (
    <>
      <TopBar />
      <Page title={t('left.title')} lead={t('left.text')} narrow>
        <Button kind="primary" wide onPress={onBack}>
          {t('left.back')}
        </Button>
        <Button kind="quiet" onPress={() => void go()}>
          {t('left.go')}
        </Button>
      </Page>
    </>
  );
}
