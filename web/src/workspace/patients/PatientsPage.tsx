import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Card, Page } from '../../design';
import { PatientSearch } from '../booking/PatientSearch';
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
    </Page>
  );
}
