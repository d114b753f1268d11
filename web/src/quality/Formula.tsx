import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../design';

/** The formula exactly as given, its parts with units and sources, and what it does not say. */
export function Formula({ version }: { version: string | null }): ReactElement {
  const { t } = useTranslation('quality');
  return (
    <Card title={t('formula.heading')}>
      <p className="formula">{t('formula.line')}</p>
      <ul className="formula-parts">
        {['t', 'c', 'd', 'ref', 'missing', 'mos'].map((part) => (
          <li key={part}>{t(`formula.${part}`)}</li>
        ))}
      </ul>
      {version && <p className="soft small">{t('formula.method', { version })}</p>}
    </Card>
  );
}
