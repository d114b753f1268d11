import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { ApiError, get } from '../../api/client';
import type { Chart } from '../../api/messages';
import { OpenIn } from '../../applications/OpenIn';
import { LETS_IN } from '../../applications/roles';
import { useSession } from '../../api/session';
import { Banner, Empty, Failure, Icon, Page, PageLoading } from '../../design';
import { formatDate } from '../../format';
import { ChartView } from '../chart/ChartView';
import { useAge } from '../words';
import { EmergencyBanner } from './EmergencyBanner';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';

/** One patient's chart outside of a visit. Opening it is recorded, as every reading is. */
export default function PatientPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const role = useSession().data?.session?.user.role;
  const { patient: id = '' } = useParams();
  const path = `/patients/${encodeURIComponent(id)}/chart`;
  const chart = useQuery({ queryKey: ['chart', path], queryFn: () => get<Chart>(path) });
  const back = (
    <Link className="patient-back" to="/patients">
      <Icon name="arrow-left" size={18} />
      {t('patients.title')}
    </Link>
  );
  if (chart.isPending) return <PageLoading />;
  if (chart.isError) {
    const missing = chart.error instanceof ApiError && chart.error.status === 404;
    return (
      <Page title={t(missing ? 'patients.missing' : 'patients.title')} titleHidden={missing} before={back}>
        {missing ? (
          <Empty icon={role === 'specialist' ? 'lock' : 'search'} title={t('patients.missing')}>
            {role === 'specialist' && t('patients.notAsked')}
          </Empty>
        ) : (
          <Failure error={chart.error} onRetry={() => void chart.refetch()} />
        )}
      </Page>
    );
  }
  const { patient } = chart.data;
  const facts = [
    `${t('visit.born', { date: formatDate(patient.birth_date) })} (${age(patient.birth_date)})`,
    t(`sex.${patient.sex}`),
    ...patient.identifiers.map((identifier) => identifier.value),
    patient.phone,
  ];
  return (
    <Page
      title={patient.name}
      lead={<span className="numbers">{facts.filter(Boolean).join(' · ')}</span>}
      before={back}
      wide
    >
      <EmergencyBanner patientId={id} />
      {role && LETS_IN.includes(role) && <OpenIn patientId={id} />}
      <h2 className="hidden-text">{t('tab.chart')}</h2>
      {role === 'reporter' && <Banner icon="eye">{t('patients.reported')}</Banner>}
      <ChartView
        chart={chart.data}
        as="account"
        linksVisits={role === 'clinician'}
        examinations={role === 'reporter'}
      />
    </Page>
  );
}
