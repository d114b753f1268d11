import { type ReactElement, Suspense, lazy, useEffect, useLayoutEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Outlet, useLocation } from 'react-router';
import { setProver } from '../api/client';
import { useSession, useSignOut } from '../api/session';
import type { Role, Session } from '../api/messages';
import { Icon } from '../design/Icon';
import { Mark } from '../design/Mark';
import { PageFailure, PageLoading } from '../design/surfaces';
import { homeOf } from '../shell/homes';
import { LanguageSwitch, ThemeSwitch } from '../shell/switchers';
import { Navigation } from './Navigation';

const StepUp = lazy(() => import('../account/StepUp'));
const SignOut = lazy(() => import('../account/SignOut'));
const CorrectionsNotice = lazy(() => import('../workspace/corrections/CorrectionsNotice'));

/** Who is told of results that were corrected after they had seen them. */
const TOLD: readonly Role[] = ['clinician', 'specialist', 'reporter'];

/** The frame of every page behind sign-in; `roles` keeps the others out, and without it everybody is let in. */
export function SignedInLayout({ roles }: { roles?: readonly Role[] }): ReactElement {
  const { t } = useTranslation('shell');
  const session = useSession();
  const place = useLocation();
  useDesk();
  if (session.isPending) return <PageLoading />;
  if (session.isError) return <PageFailure error={session.error} onRetry={() => void session.refetch()} />;
  const who = session.data.session;
  if (!who) return <Navigate to={`/sign-in?next=${encodeURIComponent(place.pathname + place.search)}`} replace />;
  // A role that has to have a second factor sets one up first.
  if (who.factor_needed && place.pathname !== '/account') return <Navigate to="/account" replace />;
  if (roles && !roles.includes(who.user.role)) return <Navigate to={homeOf(who.user.role)} replace />;
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className="top-bar" data-nav="">
        <Link className="brand" to="/">
          <Mark size={28} />
          <span className="brand-name">{t('name')}</span>
        </Link>
        <Navigation role={who.user.role} />
        <div className="top-bar-fill" />
        <LanguageSwitch />
        <ThemeSwitch />
        <Person who={who} />
      </header>
      {TOLD.includes(who.user.role) && !who.factor_needed && (
        <Suspense fallback={null}>
          <CorrectionsNotice />
        </Suspense>
      )}
      <Suspense fallback={<PageLoading />}>
        <Outlet />
      </Suspense>
      <Prover />
    </>
  );
}

/** Asks for a proof whenever a request needs one. */
function Prover(): ReactElement | null {
  const [told, setTold] = useState<((proved: boolean) => void) | null>(null);
  useEffect(() => {
    setProver(() => new Promise((resolve) => setTold(() => resolve)));
    return () => setProver(null);
  }, []);
  if (!told) return null;
  const done = (proved: boolean): void => {
    setTold(null);
    told(proved);
  };
  return (
    <Suspense fallback={null}>
      <StepUp onDone={done} />
    </Suspense>
  );
}

/** Dense sizes for the whole document, because dialogs and menus are drawn outside of the page. */
export function useDesk(): void {
  useLayoutEffect(() => {
    document.documentElement.dataset.density = 'desk';
    return () => {
      delete document.documentElement.dataset.density;
    };
  }, []);
}

function Person({ who: { user, provider } }: { who: Session }): ReactElement {
  const { t } = useTranslation('shell');
  const signOut = useSignOut();
  const [asking, setAsking] = useState(false);
  // Whoever came by an identity provider says whether they leave that as well.
  const leave = (): void => (provider ? setAsking(true) : void signOut());
  return (
    <>
      <Link to="/account" className="button person-link" data-kind="quiet" title={user.name}>
        <Icon name="user" size={20} />
        <span className="person-words">
          {user.name}
          <span className="small soft" style={{ display: 'block', fontWeight: 400 }}>
            {user.organization?.name ?? ''}
          </span>
        </span>
      </Link>
      <button type="button" className="button" data-kind="quiet" data-icon-only="" title={t('sign-out')} onClick={leave}>
        <Icon name="sign-out" size={20} />
        <span className="hidden-text">{t('sign-out')}</span>
      </button>
      {asking && provider && (
        <Suspense fallback={null}>
          <SignOut provider={provider.name} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
