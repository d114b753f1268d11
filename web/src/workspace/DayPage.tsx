import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitSummary } from '../api/messages';
import { useSession } from '../api/session';
import { Button, Card, Empty, Icon, LinkButton, Page } from '../design';
import { formatTime, formatWeekday } from '../format';
import { nameIn } from '../i18n';
import { useWork } from './WorkPage';
import { summarise, waitedSeconds } from './queue/groups';
import { useNow } from './useNow';
import { useAge, useSpan } from './words';

/** The day at a glance: who is next, and what is left to sign. */
export default function DayPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const { queue, showHelp } = useWork();
  const signs = useSession().data?.session?.user.role === 'clinician';
  const visits = queue.visits ?? [];
  const open = visits.find((visit) => visit.state === 'in-progress' || visit.state === 'onleave');
  const next = visits.find((visit) => visit.state === 'arrived');
  const toSign = signs ? visits.filter((visit) => visit.state === 'finished' && !visit.signed) : [];
  return (
    <Page title={t('day.heading')} heading={formatWeekday(`${queue.day}T12:00`)} wide>
      {queue.visits && <Figures visits={visits} signs={signs} />}
      {open && <VisitCard title={t('day.nowIn')} visit={open} action={t('visit.open')} />}
      {next && <VisitCard title={t('day.nextUp')} visit={next} action={t('visit.open')} primary={!open} />}
      {!open && !next && queue.visits && <Empty icon="users" title={t('queue.none')} />}
      {toSign.length > 0 && (
        <Card title={t('day.toSign')}>
          <ul className="to-sign">
            {toSign.map((visit) => (
              <li key={visit.id}>
                <span className="numbers">{formatTime(visit.start)}</span>
                <span>{visit.patient.name}</span>
                <LinkButton kind="quiet" icon="edit" to={`/work/visits/${visit.id}?part=note`}>
                  {t('do.sign')}
                  <span className="hidden-text"> {visit.patient.name}</span>
                </LinkButton>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <div className="help-button">
        <Button kind="quiet" icon="keyboard" onPress={showHelp}>
          {t('keys.open')}
        </Button>
      </div>
    </Page>
  );
}

function Figures({ visits, signs }: { visits: VisitSummary[]; signs: boolean }): ReactElement {
  const { t } = useTranslation('workspace');
  const summary = summarise(visits, useNow(10_000));
  return (
    <ul className="day-figures">
      <li>
        <Icon name="clock" size={18} />
        {t('day.summary.waiting', { count: summary.waiting })}
      </li>
      {summary.waiting > 0 && (
        <li>
          <Icon name="bell" size={18} />
          {t('day.summary.longest', { minutes: summary.longestMinutes })}
        </li>
      )}
      {summary.flagged > 0 && (
        <li data-tone="danger">
          <Icon name="flag" size={18} />
          {t('day.summary.flagged', { count: summary.flagged })}
        </li>
      )}
      {signs && summary.unsigned > 0 && (
        <li data-tone="warn">
          <Icon name="edit" size={18} />
          {t('day.summary.unsigned', { count: summary.unsigned })}
        </li>
      )}
    </ul>
  );
}

function VisitCard(props: { title: string; visit: VisitSummary; action: string; primary?: boolean }): ReactElement {
  const { title, visit, action, primary = true } = props;
  const { t } = useTranslation('workspace');
  const age = useAge();
  const span = useSpan();
  const now = useNow(1_000);
  const { patient } = visit;
  return (
    <Card title={title}>
      <div className="next-card">
        <div className="next-text">
          <div className="next-name">{patient.name}</div>
          <div className="soft">
            {t(`sex.${patient.sex}`)} · {age(patient.birth_date)} · {nameIn(visit.visit_type.name)} ·{' '}
            {formatTime(visit.start)}
          </div>
          {visit.red_flags.length > 0 && (
            <div className="queue-flag">
              <Icon name="flag" size={16} />
              {visit.red_flags.map((flag) => t(`flag.${flag}`)).join(' · ')}
            </div>
          )}
          {visit.reason && <p>{visit.reason}</p>}
          {visit.state === 'arrived' && (
            <p className="soft numbers">{t('queue.waited', { time: span(waitedSeconds(visit, now)) })}</p>
          )}
        </div>
        <LinkButton kind={primary ? 'primary' : 'secondary'} icon="arrow-right" to={`/work/visits/${visit.id}`}>
          {action}
          <span className="hidden-text"> {patient.name}</span>
        </LinkButton>
      </div>
    </Card>
  );
}
