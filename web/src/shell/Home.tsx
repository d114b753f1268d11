import type { ReactElement } from 'react';
import { Navigate } from 'react-router';
import { useSession } from '../api/session';
import { PageFailure, PageLoading } from '../design/surfaces';
import { homeOf } from './homes';

/** `/`: to set-up, to sign-in, or to where one's role begins. */
export default function Home(): ReactElement {
  const session = useSession();
  if (session.isPending) return <PageLoading />;
  if (session.isError) return <PageFailure error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data.session) return <Navigate to={homeOf(session.data.session.user.role)} replace />;
  return <Navigate to={session.data.setup_needed ? '/setup' : '/sign-in'} replace />;
}
