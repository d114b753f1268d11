import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Empty, Icon, Page } from '../design';
import { type Measured, VisitFigures } from '../workspace/visit/QualityPart';
import { usePractitioners } from './FilterBar';
import '../workspace/workspace.css';
import '../workspace/visit/visit.css';
import '../workspace/visit/parts.css';

/** `/quality/visits/:visit`: how one visit went, for supervision. Its patient is not named. */
export default function VisitQualityPage(): ReactElement {
  const { t } = useTranslation(['quality', 'workspace']);
  const { visit = '' } = useParams();
  const clinicians = usePractitioners().data ?? [];
  const people: Measured[] = [
    { id: 'patient', name: t('workspace:visit.role.patient') },
    ...clinicians.map(({ id, name }) => ({ id, name, hint: t('workspace:visit.role.clinician') })),
  ];
  return (
    <Page
      title={t('visit.title')}
      lead={t('visit.lead')}
      before={
        <Link className="patient-back" to="/quality">
          <Icon name="arrow-left" size={18} />
          {t('visit.back')}
        </Link>
      }
      wide
    >
      <VisitFigures
        visitId={visit}
        standing="final"
        people={people}
        missing={
          <Empty icon="chart" title={t('visit.missing.title')}>
            {t('visit.missing.body')}
          </Empty>
        }
      />
    </Page>
  );
}
