import { type ReactElement, Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet } from 'react-router';
import { Mark } from '../design/Mark';
import { Loading } from '../design/surfaces';
import { LanguageSwitch, ThemeSwitch } from './switchers';

const EmergencyHelp = lazy(() => import('../design/EmergencyHelp').then((m) => ({ default: m.EmergencyHelp })));

/** The frame of pages without an account: sign-in, and the whole of the patient's side. */
export function PlainLayout({ emergency }: { emergency?: boolean }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className="top-bar">
        <span className="brand">
          <Mark size={30} />
          {t('name')}
        </span>
        <div className="top-bar-fill" />
        {emergency && (
          <Suspense fallback={null}>
            <EmergencyHelp />
          </Suspense>
        )}
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </>
  );
}
