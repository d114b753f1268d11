import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Emergencies } from './Emergencies';

/** `/admin/emergencies`: of every institution. */
export default function EmergenciesPage(): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('emergencies.heading')}</h2>
          <p className="soft">{t('emergencies.explain')}</p>
        </div>
      </div>
      <Emergencies />
    </>
  );
}
