import { Component, type ReactElement, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '../design/surfaces';

/** Stands in for a screen that itself fails: a bug of ours, or a file that could not be fetched. */
export class Guard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken(): ReactElement {
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
