import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OpenedEmergency, PatientSummary } from '../../api/messages';
import { useSession } from '../../api/session';
import { Button, Card, Page } from '../../design';
import { PatientSearch } from '../booking/PatientSearch';
import { FoundPatient } from '../desk/FoundPatient';
import { EmergencyDialog } from './EmergencyDialog';
import { rememberEmergency } from './emergency';
import '../workspace.css';

/** Finds a patient outside of a visit. Behind it lies the chart, but for the front desk, which books. */
export default function PatientsPage(): ReactElement {
  const { t, i18n } = useTranslation('workspace');
  const navigate = useNavigate();
  const role = useSession().data?.session?.user.role;
  const [found, setFound] = useState<PatientSummary | null>(null);
  const pick = (patient: PatientSummary): void =>
    role === 'front-desk' ? setFound(patient) : void navigate(`/patients/${patient.id}`);
  const lead = `patients.lead.${role}`;
  return (
    <Page title={t('patients.title')} lead={i18n.exists(lead, { ns: 'workspace' }) && t(lead)} narrow>
      {found ? (
        <FoundPatient patient={found} onClose={() => setFound(null)} />
      ) : (
        <Card>
          <PatientSearch onPick={pick} />
        </Card>
      )}
      {role === 'clinician' && <InAnEmergency />}
    </Page>
  );
}

function InAnEmergency(): ReactElement {
  const { t } = useTranslation('workspace');
  const navigate = useNavigate();
  const user = useSession().data?.session?.user;
  const [asking, setAsking] = useState(false);
  const opened = (emergency: OpenedEmergency): void => {
    if (user) rememberEmergency(user.id, emergency);
    void navigate(`/patients/${encodeURIComponent(emergency.patient_id)}`);
  };
  return (
    <div className="stack">
      <p className="soft">{t('emergency.offer')}</p>
      <div className="row">
        <Button icon="alert" onPress={() => setAsking(true)}>
          {t('emergency.open')}
        </Button>
      </div>
      {asking && <EmergencyDialog onOpened={opened} onClose={() => setAsking(false)} />}
    </div>
  );
}
