import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from '../design/Icon';

/** The way back, at the top of a step. */
export function Back({ to }: { to: string }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <Link to={to} relative="path" className="back">
      <Icon name="arrow-left" size={18} />
      {t('back')}
    </Link>
  );
}
