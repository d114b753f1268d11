import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import type { Chart } from '../../api/chart';
import { ApiError, get } from '../../api/client';
import type { Role } from '../../api/messages';
import { useSession } from '../../api/session';
import { OpenIn } from '../../applications/OpenIn';
import { LETS_IN } from '../../applications/roles';
import { Banner, Button, Empty, Failure, Icon, Page, PageLoading } from '../../design';
import { formatDate } from '../../format';
import { AllergyLine } from '../chart/AllergyLine';
import { ChartView } from '../chart/ChartView';
import { Keeping } from '../chart/Keeping';
import { useShortcuts } from '../shortcuts';
import { useAge } from '../words';
import { EmergencyBanner } from './EmergencyBanner';
import { useOnlyRecord } from './onePatient';
import '../workspace.css';
import '../visit/visit.css';
import '../visit/parts.css';
import './record.css';

/** One patient's record outside of a visit; another patient is another screen, of which nothing stays. */
export default function PatientPage(): ReactElement {
  const { patient: id = '' } = useParams();
  return <OnePatient key={id} id={id} />;
}

/** Opening it is recorded, as every reading is. */
function OnePatient({ id }: { id: string }): ReactElement {
  const { t } = useTranslation('workspace');
  const role = useSession().data?.session?.user.role;
  const path = `/patients/${encodeURIComponent(id)}/chart`;
  const chart = useQuery({ queryKey: ['chart', path], queryFn: () => get<Chart>(path) });
  const navigate = useNavigate();
  useShortcuts({ search: () => void navigate('/patients') });
  if (chart.isPending) return <PageLoading />;
  // A record that was read stays when reading it again fails, and says so.
  if (!chart.data) {
    const missing = chart.error instanceof ApiError && chart.error.status === 404;
    return (
      <Page title={t(missing ? 'patients.missing' : 'patients.title')} titleHidden={missing} before={<Back />}>
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
  return <OpenedRecord chart={chart.data} role={role} failure={chart.error} onRetry={() => void chart.refetch()} />;
}

function Back(): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Link className="patient-back" to="/patients">
      <Icon name="arrow-left" size={18} />
      {t('patients.title')}
    </Link>
  );
}

interface OpenedRecordProps {
  chart: Chart;
  role: Role | undefined;
  failure: unknown;
  onRetry(): void;
}

function OpenedRecord({ chart, role, failure, onRetry }: OpenedRecordProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { t: ofRecord } = useTranslation('record');
  const { patient } = chart;
  const { closed, dismiss } = useOnlyRecord(patient);
  const examinations = role === 'reporter';
  return (
    <Page
      title={`${patient.name} · ${patient.birth_date}`}
      heading={patient.name}
      lead={<Who chart={chart} />}
      before={<Back />}
      wide
    >
      <span className="record-mark" hidden />
      {closed && (
        <Banner
          live="status"
          title={ofRecord('one.closed', { name: closed.name, date: formatDate(closed.birth_date) })}
          actions={
            <>
              <Link className="button" data-kind="secondary" to={`/patients/${encodeURIComponent(closed.id)}`}>
                {ofRecord('one.back', { name: closed.name })}
              </Link>
              <Button kind="quiet" onPress={dismiss}>
                {ofRecord('one.stay')}
              </Button>
            </>
          }
        >
          {ofRecord('one.now', { name: patient.name })}
        </Banner>
      )}
      {failure !== null && (
        <Banner tone="warn" live="alert" title={ofRecord('old.title')}>
          <Failure error={failure} onRetry={onRetry} />
        </Banner>
      )}
      <EmergencyBanner patientId={patient.id} />
      {role && LETS_IN.includes(role) && <OpenIn patientId={patient.id} />}
      {examinations && <Banner icon="eye">{t('patients.reported')}</Banner>}
      <h2 className="hidden-text">{t('tab.chart')}</h2>
      <Jumps examinations={examinations} />
      <Keeping chart={chart} edits={role === 'clinician'}>
        <ChartView chart={chart} as="account" linksVisits={role === 'clinician'} examinations={examinations} />
      </Keeping>
    </Page>
  );
}

/** Who this is, in sight however far one has read. */
function Who({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const { patient } = chart;
  const facts = [
    `${t('visit.born', { date: formatDate(patient.birth_date) })} (${age(patient.birth_date)})`,
    t(`sex.${patient.sex}`),
    patient.identifiers.map(({ value }) => value).join(' · ') || t('visit.noIdentifier'),
    patient.phone,
  ];
  return (
    <div className="record-who">
      <p className="record-facts numbers">
        {facts.filter(Boolean).map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      <AllergyLine chart={chart} isError={false} />
    </div>
  );
}

const PARTS = ['allergies', 'problems', 'medications', 'vitals', 'results', 'documents', 'visits'] as const;

/** Ways to the parts of a long page. */
function Jumps({ examinations }: { examinations: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const shown = PARTS.filter((part) => !examinations || (part !== 'medications' && part !== 'visits'));
  const [at, setAt] = useState<string | null>(null);
  useEffect(() => {
    if (!at) return;
    const part = document.getElementById(`part-${at}`);
    part?.scrollIntoView({ block: 'start' });
    const heading = part?.querySelector<HTMLElement>('h3');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
    setAt(null);
  }, [at]);
  return (
    <nav className="jumps" aria-label={t('jumps')}>
      {shown.map((part) => (
        <Button key={part} kind="quiet" onPress={() => setAt(part)}>
          {t(`${part}.title`)}
        </Button>
      ))}
    </nav>
  );
}
