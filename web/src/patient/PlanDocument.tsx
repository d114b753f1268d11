import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan, Prescription } from '../api/messages';
import { Icon } from '../design/Icon';
import { Card, Facts, StatusPill, type Tone } from '../design/surfaces';
import type { Disposition } from '../api/messages';
import { formatDayAndTime } from '../shell/when';

const TONES: Record<Disposition, Tone> = {
  'self-care': 'ok',
  clinic: 'info',
  hospital: 'warn',
  emergency: 'danger',
  unsuitable: 'warn',
};

/** The signed plan, most urgent first: where to go, when to go to hospital, then what to do. */
export function PlanDocument({ plan }: { plan: Plan }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <>
      <section className="card">
        <StatusPill tone={TONES[plan.disposition]}>{t(`disposition.${plan.disposition}.word`)}</StatusPill>
        <p className="plan-lead">{t(`disposition.${plan.disposition}.text`)}</p>
      </section>
      {plan.go_to_hospital_if && (
        <section className="plan-danger">
          <h2>
            <Icon name="hospital" size={26} />
            {t('plan.hospital-if')}
          </h2>
          <p className="lines">{plan.go_to_hospital_if}</p>
        </section>
      )}
      {plan.diagnoses.length > 0 && (
        <Card title={t('plan.diagnosis')}>
          <ul className="plain-list">
            {plan.diagnoses.map((one) => (
              <li key={one.code}>
                <strong>{one.display}</strong> <span className="soft small">{one.code}</span>
                {one.verification === 'provisional' && <span className="soft"> · {t('plan.provisional')}</span>}
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Paragraph title={t('plan.what-to-do')}>{[plan.plan, plan.self_care].filter(Boolean).join('\n\n')}</Paragraph>
      {plan.prescriptions.length > 0 && <Medicines list={plan.prescriptions} />}
      <Paragraph title={t('plan.follow-up')}>{plan.follow_up}</Paragraph>
      {plan.opinions.map((opinion) => (
        <Card key={opinion.signed_at + opinion.by} title={t('plan.opinion')}>
          <p className="lines">{opinion.text}</p>
          <p className="soft small">
            {opinion.by}, {opinion.organization} · {formatDayAndTime(opinion.signed_at)}
          </p>
        </Card>
      ))}
      {plan.addenda.map((addendum) => (
        <Card key={addendum.hash} title={t('plan.addendum')}>
          <p className="lines">{addendum.text}</p>
          <p className="soft small">
            {addendum.by} · {formatDayAndTime(addendum.at)}
          </p>
        </Card>
      ))}
      <Signature plan={plan} />
    </>
  );
}

function Paragraph({ title, children }: { title: string; children: ReactNode }): ReactElement | null {
  if (!children) return null;
  return (
    <Card title={title}>
      <p className="lines">{children}</p>
    </Card>
  );
}

function Medicines({ list }: { list: Prescription[] }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <Card title={t('plan.medicines')} aside={<StatusPill tone="warn">{t('plan.draft')}</StatusPill>}>
      <p className="soft small">{t('plan.draft-text')}</p>
      <ul className="plain-list medicines">
        {list.map((one) => (
          <li key={one.medication + one.dose}>
            <strong>{one.medication}</strong>
            <span>{[one.dose, one.frequency, one.days === null ? '' : t('plan.days', { count: one.days })].filter(Boolean).join(t('comma'))}</span>
            {one.instructions && <span className="soft">{one.instructions}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Signature({ plan }: { plan: Plan }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <Card title={t('plan.signed')}>
      <Facts
        items={[
          [t('plan.patient'), plan.patient_name],
          [t('plan.clinician'), plan.practitioner.name],
          [t('plan.registration'), plan.practitioner.registration],
          [t('plan.institution'), plan.organization],
          [t('plan.date'), formatDayAndTime(plan.date)],
          [t('plan.signed-at'), formatDayAndTime(plan.signed_at)],
          [t('plan.hash'), <code className="hash">{plan.hash}</code>],
        ]}
      />
    </Card>
  );
}
