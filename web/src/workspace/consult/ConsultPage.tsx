import { type ReactElement, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { PageFailure, PageLoading } from '../../design';
import { Mark } from '../../design/Mark';
import { useDesk } from '../../desk/SignedInLayout';
import { LanguageSwitch, ThemeSwitch } from '../../shell/switchers';
import { PhotoQueueProvider } from '../../photos/PhotoQueueProvider';
import { VisitRoom } from '../../visit/VisitRoom';
import { Closed } from './Closed';
import { Consultation } from './Consultation';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';

/** A visit for a clinician of another institution who came by a link. */
export default function ConsultPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit = '' } = useParams();
  useDesk();
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skip')}
      </a>
      <header className="top-bar">
        <span className="brand">
          <Mark size={28} />
          <span className="consult-brand">{t('consult.title')}</span>
        </span>
        <div className="top-bar-fill" />
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <Suspense fallback={<PageLoading />}>
        <VisitRoom
          visitId={visit}
          as="visit"
          consult
          loading={<PageLoading>{t('visit.loading')}</PageLoading>}
          // With 404 the cookie still speaks, but the visit is no longer there for it.
          denied={({ status }) => <Closed word={status === 404 ? 'over' : 'denied'} />}
          failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
        >
          <PhotoQueueProvider>
            <Consultation />
          </PhotoQueueProvider>
        </VisitRoom>
      </Suspense>
    </>
  );
}
