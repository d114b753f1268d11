import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { address, get, post } from '../api/client';
import type { Plan } from '../api/messages';
import { Button } from '../design/Button';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { Banner, ErrorText, Failure, Loading, StepProgress } from '../design/surfaces';
import { formatDayAndTime } from '../shell/when';
import { useRoom } from '../visit/VisitRoom';
import { LeaveVisit } from './LeaveVisit';
import { PlanDocument } from './PlanDocument';
import { STEPS, stepNumber } from './steps';

/** `/v/:visit/plan`: after the call. Waits for the signature, then shows the plan until it is read and confirmed. */
export default function PlanPage(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, visitId, subscribe } = useRoom();
  const queries = useQueryClient();
  const path = `/visits/${encodeURIComponent(visitId)}/plan`;
  const plan = useQuery({
    queryKey: ['plan', visitId, visit.signed],
    queryFn: async () => (await get<{ plan: Plan }>(path, { as: 'visit' })).plan,
    enabled: visit.plan_ready,
  });
  // An addendum reaches a plan that is open, and one that was open while the line was down.
  useEffect(
    () =>
      subscribe(({ t: kind }) => {
        if (kind === 'note' || kind === 'hello') void queries.invalidateQueries({ queryKey: ['plan', visitId] });
      }),
    [subscribe, queries, visitId],
  );
  if (visit.state === 'cancelled') return <Ended reason={visit.ended_reason === 'no-show' ? 'no-show' : 'cancelled'} />;
  if (!visit.plan_ready) return <NotYet />;
  return (
    <Page
      title={t('plan.title')}
      lead={t('plan.lead', { name: visit.practitioner.name })}
      before={<StepProgress step={stepNumber('plan')} of={STEPS.length} />}
      narrow
    >
      {plan.isPending && <Loading />}
      {plan.isError && <Failure error={plan.error} onRetry={() => void plan.refetch()} />}
      {plan.data && (
        <>
          <PlanDocument plan={plan.data} />
          <Confirm path={path} confirmedAt={visit.plan_confirmed_at ?? plan.data.confirmed_at} />
          <Downloads path={path} until={plan.data.readable_until} />
          <div className="row">
            <Link className="button" data-kind="quiet" to="../accesses" relative="path">
              <Icon name="eye" size={20} />
              {t('accesses.title')}
            </Link>
            <LeaveVisit />
          </div>
        </>
      )}
    </Page>
  );
}

function NotYet(): ReactElement {
  const { t } = useTranslation('patient');
  const { visit, link } = useRoom();
  return (
    <Page title={t('plan.wait.title')} before={<StepProgress step={stepNumber('plan')} of={STEPS.length} />} narrow>
      <section className="card waiting-card" role="status">
        <span className="spinner" aria-hidden="true" />
        <p className="appointment-name">{t('plan.wait.writing', { name: visit.practitioner.name })}</p>
        <p>{t('plan.wait.text')}</p>
        {link !== 'open' && <p className="soft">{t('waiting.reconnecting')}</p>}
      </section>
      <Banner tone="info" title={t('plan.wait.worse')}>
        {t('plan.wait.worse-text')}
      </Banner>
      <div className="row">
        <LeaveVisit />
      </div>
    </Page>
  );
}

function Ended({ reason }: { reason: 'cancelled' | 'no-show' }): ReactElement {
  const { t } = useTranslation('patient');
  const { visit } = useRoom();
  const { phone } = visit.organization;
  return (
    <Page title={t(`plan.${reason}.title`)} narrow>
      <p>{t(`plan.${reason}.text`, { name: visit.organization.name })}</p>
      {phone && (
        <a className="button" data-kind="primary" href={`tel:${phone.replace(/\s/g, '')}`}>
          <Icon name="phone" size={20} />
          {t('plan.call-clinic', { phone })}
        </a>
      )}
    </Page>
  );
}

function Confirm({ path, confirmedAt }: { path: string; confirmedAt: string | null }): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, setVisit } = useRoom();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  if (confirmedAt) {
    return (
      <Banner tone="ok" live="status" title={t('plan.confirmed')}>
        {formatDayAndTime(confirmedAt)}
      </Banner>
    );
  }
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const { plan } = await post<{ plan: Plan }>(`${path}/confirm`, undefined, { as: 'visit' });
      setVisit({ ...visit, plan_confirmed_at: plan.confirmed_at });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      {failure !== null && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failure} />
        </Banner>
      )}
      <Button kind="primary" wide isPending={busy} onPress={() => void confirm()}>
        {t('plan.confirm')}
      </Button>
    </div>
  );
}

function Downloads({ path, until }: { path: string; until: string }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <section className="stack">
      <h2>{t('plan.download')}</h2>
      <div className="row">
        {(['zh-CN', 'en'] as const).map((lang) => (
          <a key={lang} className="button" data-kind="secondary" lang={lang} href={address(`${path}.pdf`, 'visit', { lang })} download>
            <Icon name="download" size={20} />
            {lang === 'en' ? 'PDF, English' : 'PDF，中文'}
          </a>
        ))}
      </div>
      <p className="soft small">{t('plan.readable-until', { date: formatDayAndTime(until) })}</p>
    </section>
  );
}
