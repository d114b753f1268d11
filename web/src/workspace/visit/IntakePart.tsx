import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceCheck, DeviceState, Intake, Visit, WayReport } from '../../api/messages';
import { Banner, Card, Empty, Facts, Icon, StatusPill } from '../../design';
import { formatDayTime, formatFigure } from '../../format';
import { LANGUAGES } from '../../i18n';
import { useRoom } from '../../visit/VisitRoom';

/** What the patient told before the visit, the emergency facts first. */
export function IntakePart(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit } = useRoom();
  return (
    <>
      {visit.intake ? (
        <IntakeCards intake={visit.intake} flags={visit.red_flags} />
      ) : (
        <Empty icon="document" title={t('intake.none.title')}>
          {t('intake.none.body')}
        </Empty>
      )}
      <div className="chart-grid">
        <Device check={visit.device_check} />
        <Consent visit={visit} />
      </div>
    </>
  );
}

function IntakeCards({ intake, flags }: { intake: Intake; flags: Visit['red_flags'] }): ReactElement {
  const { t } = useTranslation('workspace');
  const { location, emergency_contact: contact, duration } = intake;
  return (
    <>
      {flags.length > 0 && (
        <Banner tone="danger" icon="flag" title={t('visit.flags', { count: flags.length })}>
          {flags.map((flag) => t(`flag.${flag}`)).join(' · ')}
        </Banner>
      )}
      <div className="chart-grid">
        <Card title={t('intake.reason')} level={3}>
          <p className="said">{intake.reason}</p>
          <Facts
            items={[
              [
                t('intake.symptoms'),
                intake.symptoms.map((symptom) => t([`symptom.${symptom}`, 'symptom.other'])).join(' · '),
              ],
              [t('intake.duration'), duration && t(`intake.unit.${duration.unit}`, { count: duration.value })],
              [t('intake.flags'), flags.length === 0 && t('intake.noFlags')],
              [t('intake.notes'), intake.notes],
            ].map(([term, value]) => [term, value || null] as const)}
          />
        </Card>
        <Card title={t('intake.location')} level={3}>
          <p className="said">{[location.text, location.city].filter(Boolean).join('\n')}</p>
          <Facts
            items={[
              [t('intake.callback'), <Phone key="callback" number={intake.callback_number} />],
              [
                t('intake.emergency'),
                <span key="contact">
                  {[contact.name, contact.relation && t([`relation.${contact.relation}`, contact.relation])]
                    .filter(Boolean)
                    .join(', ')}{' '}
                  <Phone number={contact.phone} />
                </span>,
              ],
            ]}
          />
        </Card>
      </div>
    </>
  );
}

function Phone({ number }: { number: string }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <a className="numbers phone" href={`tel:${number.replaceAll(/\s/g, '')}`} aria-label={t('intake.call', { number })}>
      <Icon name="phone" size={15} />
      {number}
    </a>
  );
}

function Device({ check }: { check: DeviceCheck | null }): ReactElement {
  const { t } = useTranslation('workspace');
  const figure = (value: number | null): string => (value === null ? '–' : formatFigure(value));
  return (
    <Card title={t('intake.deviceCheck')} level={3}>
      {!check && <p className="soft">{t('intake.noDevice')}</p>}
      {check && (
        <Facts
          items={[
            [t('intake.camera'), <Works key="camera" state={check.camera} />],
            [t('intake.microphone'), <Works key="microphone" state={check.microphone} />],
            [t('intake.speaker'), <Works key="speaker" state={check.speaker ? 'ok' : 'no'} />],
            [
              t('intake.network'),
              t('intake.networkValue', {
                down: figure(check.down_mbps),
                up: figure(check.up_mbps),
                rtt: figure(check.rtt_ms),
                jitter: figure(check.jitter_ms),
              }),
            ],
            ...(check.ways.length > 0 ? [[t('intake.ways'), <Ways key="ways" ways={check.ways} />] as const] : []),
            [t('intake.browser'), check.browser],
          ]}
        />
      )}
    </Card>
  );
}

/** What passed through the patient's network, and how well the best of it did. */
function Ways({ ways }: { ways: readonly WayReport[] }): ReactElement {
  const { t } = useTranslation('workspace');
  const measured = ways.find((way) => way.loss !== null);
  return (
    <div className="stack">
      <div className="row">
        {ways.map((way) => (
          <StatusPill key={way.rung} tone={way.passes ? 'ok' : 'warn'}>
            {t(way.passes ? 'intake.wayPasses' : 'intake.wayClosed', { way: t(`quality.steps.rung.${way.rung}`) })}
          </StatusPill>
        ))}
      </div>
      {measured && (
        <p className="soft small numbers">
          {t('intake.wayValue', {
            way: t(`quality.steps.rung.${measured.rung}`),
            loss: formatFigure((measured.loss ?? 0) * 100),
            jitter: measured.jitter_ms === null ? '–' : formatFigure(measured.jitter_ms),
          })}
        </p>
      )}
    </div>
  );
}

function Works({ state }: { state: DeviceState | 'no' }): ReactElement {
  const { t } = useTranslation('workspace');
  return <StatusPill tone={state === 'ok' ? 'ok' : 'warn'}>{t(`intake.device.${state}`)}</StatusPill>;
}

function Consent({ visit }: { visit: Visit }): ReactElement {
  const { t } = useTranslation('workspace');
  const { consent } = visit;
  const lines: ReactNode[] = consent
    ? [
        <StatusPill key="by" tone="ok">
          {t(`intake.consentBy.${consent.by}`, { name: consent.name })}
        </StatusPill>,
        <p key="text" className="soft small">
          {t('intake.consentText', {
            version: consent.version,
            language: LANGUAGES[consent.language as keyof typeof LANGUAGES] ?? consent.language,
            when: formatDayTime(consent.at),
          })}
        </p>,
      ]
    : [
        <p key="none" className="soft">
          {t('intake.noConsent')}
        </p>,
      ];
  return (
    <Card title={t('intake.consent')} level={3}>
      <div className="stack">{lines}</div>
    </Card>
  );
}
