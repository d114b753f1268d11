import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '../design/surfaces';

/** Shown when a screen itself fails: a bug of ours, or a file that could not be fetched. */
export function Broken(): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <main id="main" className="page" data-narrow="">
      <h1>{t('broken.title')}</h1>
      <Banner
        tone="danger"
        live="alert"
        actions={
          <button type="button" className="button" data-kind="secondary" onClick={() => location.reload()}>
            {t('broken.reload')}
          </button>
        }
      >
        {t('broken.text')}
      </Banner>
    </main>
  );
}
