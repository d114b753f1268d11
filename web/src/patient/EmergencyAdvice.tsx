import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { LinkButton } from '../design/Button';
import { AmbulanceNumbers } from '../design/EmergencyHelp';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { useRoom } from '../visit/VisitRoom';

/** The whole page after a red flag: what to do first. Going on is possible, and comes last. */
export function EmergencyAdvice(): ReactElement {
  const { t } = useTranslation('patient');
  const { visit } = useRoom();
  const suicide = visit.red_flags.includes('suicide');
  return (
    <Page
      title={t('emergency-advice.title')}
      heading={
        <span className="danger-heading">
          <Icon name="alert" size={34} />
          {t('emergency-advice.title')}
        </span>
      }
      lead={t('emergency-advice.lead')}
      narrow
    >
      {suicide && <p>{t('emergency-advice.suicide')}</p>}
      <AmbulanceNumbers />
      <section className="stack">
        <h2>{t('emergency-advice.meanwhile')}</h2>
        <ul className="steps">
          {(t('emergency-advice.steps', { returnObjects: true }) as unknown as string[]).map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ul>
      </section>
      <section className="stack">
        <p>{t('emergency-advice.queue')}</p>
        <LinkButton to="../check" relative="path">
          {t('emergency-advice.go-on')}
        </LinkButton>
      </section>
    </Page>
  );
}
