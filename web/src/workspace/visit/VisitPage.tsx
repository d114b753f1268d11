import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { useSession } from '../../api/session';
import { Empty, LinkButton, PageFailure, PageLoading } from '../../design';
import { PhotoQueueProvider } from '../../photos/PhotoQueueProvider';
import { VisitRoom } from '../../visit/VisitRoom';
import { DeskVisit } from '../desk/DeskVisit';
import { VisitScreen } from './VisitScreen';
import './visit.css';
import './parts.css';

/** One visit: at the clinician's desk, or for the front desk no more than its appointment. */
export default function VisitPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit = '' } = useParams();
  const role = useSession().data?.session?.user.role;
  if (role === 'front-desk') return <DeskVisit key={visit} visitId={visit} missing={<Missing />} />;
  return (
    <VisitRoom
      key={visit}
      visitId={visit}
      as="account"
      loading={<PageLoading>{t('visit.loading')}</PageLoading>}
      denied={() => <Missing />}
      failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
    >
      <PhotoQueueProvider>
        <VisitScreen />
      </PhotoQueueProvider>
    </VisitRoom>
  );
}

function Missing(): ReactElement {
  const { t } = useTranslation('workspace');
  useEffect(() => {
    document.title = `${t('visit.missing.title')} · Bianque`;
  }, [t]);
  return (
    <main id="main" className="page">
      <h1 className="hidden-text">{t('visit.missing.title')}</h1>
      <Empty
        icon="search"
        title={t('visit.missing.title')}
        action={
          <LinkButton to="/work" icon="arrow-left">
            {t('visit.back')}
          </LinkButton>
        }
      >
        {t('visit.missing.body')}
      </Empty>
    </main>
  );
}
