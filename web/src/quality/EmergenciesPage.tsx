import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Emergencies } from '../admin/Emergencies';
import { Page } from '../design';

/** `/emergencies`: of one's own institution, for supervision. */
export default function EmergenciesPage(): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <Page title={t('emergencies.heading')} lead={t('emergencies.explain')} wide>
      <Emergencies />
    </Page>
  );
}
