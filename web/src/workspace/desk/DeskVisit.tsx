import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ApiError, get } from '../../api/client';
import type { DeskVisit as Shown } from '../../api/messages';
import { Button, Facts, Failure, Icon, type IconName, Page, PageLoading, StatusPill } from '../../design';
import { formatDate, formatDayTime, formatTime } from '../../format';
import { nameIn } from '../../i18n';
import { useWork } from '../WorkPage';
import { CloseDialog } from '../visit/dialogs/EndDialogs';
import { LetInDialog, LinkDialog } from '../visit/dialogs/LinkDialogs';
import { useAge } from '../words';
import './desk.css';

type Open = 'link' | 'let-in' | 'cancel' | 'no-show';

/** A visit as the front desk sees it: who, when, with whom, and the way in. Nothing of what is said or written. */
export function DeskVisit({ visitId, missing }: { visitId: string; missing: ReactElement }): ReactElement {
  const queries = useQueryClient();
  const { queue } = useWork();
  // The line of the queue says all of it, and changes as the visit does. A visit of another day is asked for.
  const line = queue.visits?.find((visit): visit is Shown => visit.id === visitId && !!visit.join);
  const key = ['desk-visit', visitId];
  const other = useQuery({
    queryKey: key,
    queryFn: async () => (await get<{ visit: Shown }>(`/visits/${encodeURIComponent(visitId)}`)).visit,
    enabled: queue.visits !== undefined && !line,
  });
  const visit = line ?? other.data;
  if (queue.error) return <Unread error={queue.error} onRetry={queue.refetch} />;
  if (!visit && other.isError) {
    if (other.error instanceof ApiError && other.error.status === 404) return missing;
    return <Unread error={other.error} onRetry={() => void other.refetch()} />;
  }
  if (!visit) return <PageLoading />;
  const take = (moved: Shown): void => {
    queries.setQueryData(key, moved);
    void queries.invalidateQueries({ queryKey: ['visits'] });
  };
  return <VisitAtDesk visit={visit} onMoved={take} />;
}

function Unread({ error, onRetry }: { error: unknown; onRetry(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Page title={t('visit.open')} titleHidden>
      <Failure error={error} onRetry={onRetry} />
    </Page>
  );
}

function VisitAtDesk({ visit, onMoved }: { visit: Shown; onMoved(visit: Shown): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const [dialog, setDialog] = useState<Open | null>(null);
  const { patient, join } = visit;
  const close = (): void => setDialog(null);
  const facts: [string, ReactNode][] = [
    [t('desk.when'), <span className="numbers">{formatDayTime(visit.start)}</span>],
    [t('desk.clinician'), visit.practitioner.name],
    [t('desk.type'), nameIn(visit.visit_type.name)],
    [
      t('desk.patient'),
      <span className="numbers">
        {[
          t(`sex.${patient.sex}`),
          `${formatDate(patient.birth_date)} (${age(patient.birth_date)})`,
          patient.identifiers[0]?.value,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>,
    ],
    [t('desk.phone'), patient.phone ? <a href={`tel:${patient.phone}`}>{patient.phone}</a> : '–'],
    [t('desk.here'), <Whereabouts visit={visit} />],
    [t('link.title'), join.state === 'bound' ? t('link.bound') : t('link.unused')],
    [t('link.validity'), t('link.expires', { when: formatDayTime(join.expires_at) })],
    [t('link.tries'), t('link.attempts', { count: join.attempts_left })],
  ];
  return (
    <Page
      title={patient.name}
      heading={
        <>
          {patient.name} <StatusPill>{t(`state.${visit.state}`)}</StatusPill>
        </>
      }
      before={
        <Link className="visit-back" to="/work">
          <Icon name="arrow-left" size={18} />
          {t('queue.back')}
        </Link>
      }
    >
      <DeskActions visit={visit} onOpen={setDialog} />
      <section className="desk-visit" aria-label={t('desk.label')}>
        <Facts items={facts} />
      </section>
      {dialog === 'link' && <LinkDialog visitId={visit.id} join={join} onClose={close} />}
      {dialog === 'let-in' && <LetInDialog visitId={visit.id} onClose={close} />}
      {(dialog === 'cancel' || dialog === 'no-show') && (
        <CloseDialog<Shown> as={dialog} visitId={visit.id} onMoved={onMoved} onClose={close} />
      )}
    </Page>
  );
}

function Whereabouts({ visit }: { visit: Shown }): ReactElement {
  const { t } = useTranslation('workspace');
  if (visit.state === 'arrived' && visit.arrived_at)
    return <>{t('desk.waitingSince', { time: formatTime(visit.arrived_at) })}</>;
  return <>{visit.present ? t('queue.present') : t('queue.absent')}</>;
}

/** What can still be done with the visit in its present state. */
function DeskActions({ visit, onOpen }: { visit: Shown; onOpen(open: Open): void }): ReactElement | null {
  const { t } = useTranslation('workspace');
  if (visit.state === 'finished' || visit.state === 'cancelled') return null;
  const button = (id: Open, word: string, icon: IconName, kind?: 'primary'): ReactElement => (
    <Button key={id} icon={icon} kind={kind ?? 'secondary'} onPress={() => onOpen(id)}>
      {t(word)}
    </Button>
  );
  const early = visit.state === 'planned' || visit.state === 'arrived';
  return (
    <div className="visit-actions" role="group" aria-label={t('visit.actions')}>
      {button('link', 'link.get', 'link', visit.state === 'planned' ? 'primary' : undefined)}
      {button('let-in', 'letIn.button', 'key')}
      {early && button('no-show', 'do.noShow', 'clock')}
      {early && button('cancel', 'do.cancel', 'close')}
    </div>
  );
}
