import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Page } from '../design/Page';

export default function NotFound(): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('not-found.title')} lead={t('not-found.text')} narrow>
      <p>
        <Link to="/">{t('not-found.home')}</Link>
      </p>
    </Page>
  );
}
