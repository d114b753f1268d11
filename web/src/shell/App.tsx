import { type ReactElement, Suspense } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { useTranslation } from 'react-i18next';
import { useRoutes } from 'react-router';
import { PageLoading } from '../design/surfaces';
import { routes } from '../routes';
import { Guard } from './Broken';
import { OfflineBar } from './OfflineBar';

/** The whole application, in the language that was chosen. */
export function App(): ReactElement {
  const { i18n } = useTranslation('shell');
  return (
    <I18nProvider locale={i18n.language === 'zh-CN' ? 'zh-CN' : 'en-US'}>
      <Guard>
        <OfflineBar />
        <Suspense fallback={<PageLoading />}>
          <Routed />
        </Suspense>
      </Guard>
    </I18nProvider>
  );
}

function Routed(): ReactElement | null {
  return useRoutes(routes);
}
