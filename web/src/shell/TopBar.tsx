import { type ReactElement, Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../design/Mark';
import { LanguageSwitch, ThemeSwitch } from './switchers';

const EmergencyHelp = lazy(() => import('../design/EmergencyHelp').then((m) => ({ default: m.EmergencyHelp })));

/** The bar of pages without an account. */
export function TopBar({ emergency }: { emergency?: boolean }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className="top-bar">
        <span className="brand">
          <Mark size={30} />
          <span className={emergency ? 'wide-only' : undefined}>{t('name')}</span>
        </span>
        <div className="top-bar-fill" />
        {emergency && (
          <span className="top-bar-danger">
            <Suspense fallback={null}>
              <EmergencyHelp />
            </Suspense>
          </span>
        )}
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
    </>
  );
}
