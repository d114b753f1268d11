import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../api/chart';
import type { Visit } from '../../api/messages';
import { Icon, type IconName, StatusPill, type Tone } from '../../design';
import { formatDate, formatTime } from '../../format';
import { nameIn } from '../../i18n';
import { AllergyLine } from '../chart/AllergyLine';
import { useAge } from '../words';

export interface PatientBannerProps {
  visit: Visit;
  chart: UseQueryResult<Chart>;
  actions?: ReactNode;
}

/** Who this is about, always in sight: name, birth date and age, sex, identifier, allergies. */
export function PatientBanner({ visit, chart, actions }: PatientBannerProps): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const { patient } = visit;
  return (
    <header className="patient-banner" data-flagged={visit.red_flags.length > 0 || undefined}>
      <div className="banner-who">
        <div className="banner-name">
          <h1 tabIndex={-1}>{patient.name}</h1>
          <VisitState visit={visit} />
          <span className="soft numbers">
            {formatTime(visit.start)} {nameIn(visit.visit_type.name)}
          </span>
        </div>
        <p className="banner-facts numbers">
          <span>
            {t('visit.born', { date: formatDate(patient.birth_date) })} ({age(patient.birth_date)})
          </span>
          <span>{t(`sex.${patient.sex}`)}</span>
          <span>{patient.identifiers[0]?.value ?? t('visit.noIdentifier')}</span>
        </p>
        {visit.proxy && (
          <p className="banner-proxy">
            <Icon name="users" size={16} />
            {t('visit.proxy', {
              name: visit.proxy.name,
              relationship: t(`visit.relationship.${visit.proxy.relationship}`),
            })}
          </p>
        )}
      </div>
      <div className="banner-alerts">
        <AllergyLine chart={chart.data} isError={chart.isError} />
        {visit.red_flags.length > 0 && (
          <span className="queue-flag">
            <Icon name="flag" size={16} />
            {visit.red_flags.map((flag) => t(`flag.${flag}`)).join(' · ')}
          </span>
        )}
      </div>
      {actions}
    </header>
  );
}

const LOOK: Record<Visit['state'], { tone: Tone; icon: IconName }> = {
  planned: { tone: 'neutral', icon: 'calendar' },
  arrived: { tone: 'info', icon: 'clock' },
  'in-progress': { tone: 'accent', icon: 'camera' },
  onleave: { tone: 'warn', icon: 'pause' },
  finished: { tone: 'ok', icon: 'check-circle' },
  cancelled: { tone: 'neutral', icon: 'close' },
};

export function VisitState({ visit }: { visit: Visit }): ReactElement {
  const { t } = useTranslation('workspace');
  if (visit.signed) {
    return (
      <StatusPill tone="ok" icon="lock">
        {t('visit.signed')}
      </StatusPill>
    );
  }
  const word = visit.ended_reason === 'no-show' ? 'state.no-show' : `state.${visit.state}`;
  return (
    <StatusPill tone={LOOK[visit.state].tone} icon={LOOK[visit.state].icon}>
      {t(word)}
    </StatusPill>
  );
}
