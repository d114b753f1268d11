import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../api/chart';
import { Icon } from '../../design';
import { allergiesOf } from './standing';

/** What is known of allergies, in a line that stands beside the name. */
export function AllergyLine({ chart, isError }: { chart: Chart | undefined; isError: boolean }): ReactElement {
  const { t } = useTranslation('record');
  if (!chart && isError) {
    return (
      <p className="banner-allergies" data-unknown>
        <Icon name="help" size={18} /> {t('allergyLine.failed')}
      </p>
    );
  }
  if (!chart) return <p className="banner-allergies soft">{t('allergyLine.loading')}</p>;
  const { state, standing } = allergiesOf(chart);
  if (state === 'none-known') {
    return (
      <p className="banner-allergies soft">
        <Icon name="check" size={16} /> {t('allergyLine.noneKnown')}
      </p>
    );
  }
  if (state === 'not-asked') {
    return (
      <p className="banner-allergies" data-unknown>
        <Icon name="help" size={18} /> {t('allergyLine.notAsked')}
      </p>
    );
  }
  return (
    <p className="banner-allergies" data-known>
      <Icon name="alert" size={18} />
      <span>
        <strong>{t('allergyLine.title')}:</strong> {standing.map((allergy) => allergy.text).join(' · ')}
      </span>
    </p>
  );
}
