import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import type { OpenedEmergency } from '../../api/messages';
import { useSession } from '../../api/session';
import { Button, Card, Page } from '../../design';
import { PatientSearch } from '../booking/PatientSearch';
import { EmergencyDialog } from './EmergencyDialog';
import { rememberEmergency } from './emergency';
import '../workspace.css';

/** Finds a patient outside of a visit. */
export default function PatientsPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const navigate = useNavigate();
  return (
    <Page title={t('patients.title')} narrow>
      <Card>
        <PatientSearch onPick={(patient) => void navigate(`/patients/${patient.id}`)} />
      </Card>
      <InAnEmergency />
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
