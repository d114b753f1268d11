import { type ReactElement, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation, useParams } from 'react-router';
import { PageFailure, PageLoading } from '../design/surfaces';
import { PhotoQueueProvider } from '../photos/PhotoQueueProvider';
import { VisitRoom, useRoom } from '../visit/VisitRoom';
import { NotLetIn } from './NotLetIn';
import { pageFor } from './steps';
import './patient.css';

/** Holds one visit for all of the patient's pages and keeps the patient on the page where the visit is. */
export default function VisitPage(): ReactElement {
  const { visit = '' } = useParams();
  useTranslation(['patient', 'errors']);
  return (
    <VisitRoom
      visitId={visit}
      as="visit"
      loading={<PageLoading />}
      denied={() => <NotLetIn visitId={visit} />}
      failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
    >
      <PhotoQueueProvider>
        <Guarded />
      </PhotoQueueProvider>
    </VisitRoom>
  );
}

function Guarded(): ReactElement {
  const { visit, visitId, me, over } = useRoom();
  const asked = useLocation().pathname.split('/')[3];
  if (over === 'link.replaced') return <NotLetIn visitId={visitId} replaced />;
  const base = `/v/${encodeURIComponent(visitId)}`;
  if (me?.role === 'consultant') return <Navigate to={`${base}/consult`} replace />;
  if (me && !['patient', 'consultant'].includes(me.role)) return <Navigate to={`${base}/guest`} replace />;
  const page = pageFor(visit, asked);
  if (page !== asked) return <Navigate to={`${base}/${page}`} replace />;
  return (
    <Suspense fallback={<PageLoading />}>
      <Outlet />
    </Suspense>
  );
}
