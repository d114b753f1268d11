import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { PageFailure, PageLoading } from '../../design';
import { PhotoQueueProvider } from '../../photos/PhotoQueueProvider';
import { VisitRoom } from '../../visit/VisitRoom';
import { Closed } from './Closed';
import { Consultation } from './Consultation';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';

/** `/consults/:visit`: a visit for somebody with an account who was asked about it. */
export default function AskedPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit = '' } = useParams();
  return (
    <VisitRoom
      key={visit}
      visitId={visit}
      as="account"
      consult
      loading={<PageLoading>{t('visit.loading')}</PageLoading>}
      denied={() => <Closed word="over" backTo="/consults" />}
      failed={(error, retry) => <PageFailure error={error} onRetry={retry} />}
    >
      <PhotoQueueProvider>
        <Consultation />
      </PhotoQueueProvider>
    </VisitRoom>
  );
}
