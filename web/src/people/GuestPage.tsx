import { type ReactElement, Suspense, createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { GuestVisit } from '../api/messages';
import { LinkButton } from '../design/Button';
import { Page } from '../design/Page';
import { PageFailure, PageLoading } from '../design/surfaces';
import { rememberedToken } from '../patient/joinToken';
import { TopBar } from '../shell/TopBar';
import { VisitRoom, useRoom } from '../visit/VisitRoom';
import { GuestCall } from './GuestCall';
import { GuestLobby } from './GuestLobby';
import { GuestWelcome } from './GuestWelcome';
import '../patient/patient.css';
import './people.css';

const GuestContext = createContext<GuestVisit | null>(null);

/** The visit as this guest gets it. */
export function useGuestVisit(): GuestVisit {
  const visit = useContext(GuestContext);
  if (!visit) throw new Error('useGuestVisit outside of GuestPage');
  return visit;
}

/** `/v/:visit/guest`: somebody who came by a link of their own, from the first look at their devices to the end. */
export default function GuestPage(): ReactElement {
  const { visit = '' } = useParams();
  useTranslation(['people', 'patient', 'call', 'errors']);
  return (
    <Suspense fallback={<PageLoading />}>
      <VisitRoom
        visitId={visit}
        as="visit"
        guest
        loading={<PageLoading />}
        denied={() => <Out word="denied" visitId={visit} />}
        failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
      >
        <Guarded />
      </VisitRoom>
    </Suspense>
  );
}

const ENDS: Record<string, string> = {
  'guest.removed': 'removed',
  'guest.turned-away': 'turned-away',
  'link.replaced': 'replaced',
  'session.ended': 'denied',
};

function Guarded(): ReactElement {
  const { visit, visitId, over } = useRoom();
  // A guest is answered a visit of another shape; this is the only place where that is said.
  const own = visit as unknown as GuestVisit;
  if (over) return <Out word={ENDS[over] ?? 'over'} visitId={visitId} />;
  return (
    <GuestContext value={own}>
      {own.next === 'call' ? (
        <GuestCall />
      ) : (
        <>
          <TopBar />
          {own.next === 'lobby' ? <GuestLobby /> : <GuestWelcome />}
        </>
      )}
    </GuestContext>
  );
}

/** No longer in, in words. */
function Out({ word, visitId }: { word: string; visitId: string }): ReactElement {
  const { t } = useTranslation('people');
  const token = word === 'denied' ? rememberedToken(visitId) : null;
  return (
    <>
      <TopBar />
      <Page title={t(`out.${word}`)} narrow>
        <p role="status">{t(`out.${word}-text`)}</p>
        {token && (
          <LinkButton kind="primary" to={`/j/${token}`}>
            {t('out.again')}
          </LinkButton>
        )}
      </Page>
    </>
  );
}
