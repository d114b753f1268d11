import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Opinion } from '../../api/messages';
import { Banner, Card, Empty, LinkButton, Page } from '../../design';
import { OpinionText } from '../visit/OpinionPart';

/** Nothing can be read here, or no longer. */
export function Closed({ word, backTo }: { word: 'denied' | 'over'; backTo?: string | undefined }): ReactElement {
  const { t } = useTranslation('workspace');
  useEffect(() => {
    document.title = `${t(`consult.${word}.title`)} · Bianque`;
  }, [t, word]);
  return (
    <main id="main" className="page">
      <h1 className="hidden-text">{t('consult.title')}</h1>
      <Empty icon="lock" title={t(`consult.${word}.title`)} action={backTo && <BackToConsults />}>
        {t(`consult.${word}.body`)}
      </Empty>
    </main>
  );
}

/** What was asked is answered: the opinion that was signed, and nothing of the record any longer. */
export function Answered({ opinion }: { opinion: Opinion }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Page title={t('consult.signed')} narrow>
      <Banner tone="ok" icon="check-circle" live="status">
        {t('consult.answered')}
      </Banner>
      <Card title={t('consult.write')}>
        <OpinionText opinion={opinion} />
      </Card>
      <div>
        <BackToConsults />
      </div>
    </Page>
  );
}

function BackToConsults(): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <LinkButton to="/consults" icon="arrow-left">
      {t('consults.back')}
    </LinkButton>
  );
}
