import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Names } from '../../api/messages';
import './consents.css';

/** A text as patients will see it, in both languages beside each other. */
export function ConsentWords({ text }: { text: Names }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <div className="consent-both">
      {(['en', 'zh'] as const).map((language) => (
        <section key={language} className="card consent-words" lang={language} aria-label={t(`consents.${language}`)} tabIndex={0}>
          <h3>{t(`consents.${language}`)}</h3>
          {text[language].trim() === '' && <p className="soft">{t('consents.missing')}</p>}
          {text[language].split(/\n{2,}/).map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </section>
      ))}
    </div>
  );
}
