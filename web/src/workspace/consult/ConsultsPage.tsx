import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useConsults } from '../../api/consults';
import type { Consult } from '../../api/messages';
import { Card, Empty, Failure, LinkButton, Loading, Page, StatusPill, type Tone } from '../../design';
import { formatDayTime } from '../../format';
import { useAge } from '../words';
import '../workspace.css';
import './consults.css';

type Standing = 'open' | 'signed' | 'over';
const TONE: Record<Standing, Tone> = { open: 'accent', signed: 'ok', over: 'neutral' };

/** `/consults`: what one was asked. Those that wait for an answer stand on top. */
export default function ConsultsPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const consults = useConsults();
  const all = consults.data ?? [];
  const open = all.filter((consult) => standingOf(consult) === 'open');
  const closed = all.filter((consult) => standingOf(consult) !== 'open');
  return (
    <Page title={t('consults.title')} lead={t('consults.lead')}>
      {consults.isPending && <Loading />}
      {consults.isError && <Failure error={consults.error} onRetry={() => void consults.refetch()} />}
      {consults.data && open.length === 0 && (
        <Empty icon="help" title={t('consults.empty.title')}>
          {t('consults.empty.body')}
        </Empty>
      )}
      {open.length > 0 && <Questions title={t('consults.open')} consults={open} />}
      {closed.length > 0 && <Questions title={t('consults.closed')} consults={closed} />}
    </Page>
  );
}

function standingOf({ open, invitation }: Consult): Standing {
  if (invitation.state === 'signed') return 'signed';
  return open && invitation.state !== 'over' ? 'open' : 'over';
}

function Questions({ title, consults }: { title: string; consults: Consult[] }): ReactElement {
  return (
    <Card title={title}>
      <ul className="consults">
        {consults.map((consult) => (
          <li key={consult.invitation.id}>
            <Question consult={consult} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Question({ consult }: { consult: Consult }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const { visit, invitation } = consult;
  const { patient } = visit;
  const standing = standingOf(consult);
  return (
    <article className="consult-line" aria-labelledby={`consult-${invitation.id}`}>
      <div className="consult-text">
        <h3 id={`consult-${invitation.id}`} className="consult-who">
          {patient.name}
          <span className="soft numbers">
            {t(`sex.${patient.sex}`)} · {age(patient.birth_date)}
          </span>
          <StatusPill tone={TONE[standing]} icon={standing === 'open' ? 'edit' : 'lock'}>
            {t(`consults.state.${standing}`)}
          </StatusPill>
        </h3>
        <p className="said">{invitation.question}</p>
        <p className="small soft">
          {t('consults.by', { name: visit.practitioner.name, organization: patient.organization.name })} ·{' '}
          <span className="numbers">{formatDayTime(visit.start)}</span> · {t(`state.${visit.state}`)}
        </p>
      </div>
      {standing === 'open' && (
        <LinkButton kind="primary" icon="arrow-right" to={`/consults/${visit.id}`}>
          {t('consults.answer')}
          <span className="hidden-text"> {patient.name}</span>
        </LinkButton>
      )}
    </article>
  );
}
