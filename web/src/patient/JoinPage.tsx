import { useQuery } from '@tanstack/react-query';
import { type ReactElement, Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useParams } from 'react-router';
import { ApiError, get, post, setVisitCsrf } from '../api/client';
import type { Confirmed, JoinInfo, Proxy } from '../api/messages';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { Failure, PageLoading } from '../design/surfaces';
import { formatDay, formatTimeWithZone } from '../shell/when';
import { ConfirmConsultant } from './ConfirmConsultant';
import { ConfirmPatient } from './ConfirmPatient';
import { WithWhom } from './WithWhom';
import { rememberToken } from './joinToken';
import './patient.css';

const ConfirmGuest = lazy(() => import('../people/ConfirmGuest'));

/**
 * What a confirmation repeats: the birth date, the code that the clinic reads out, a consultant's registration, or a
 * guest's name.
 */
export type Proof = ({ birth_date: string } | { code: string } | { name: string; registration: string } | { name: string }) & {
  /** Who comes for the patient. */
  proxy?: Proxy;
};

/** `/j/:token`: says whose visit the link opens and lets its person in. */
export default function JoinPage(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { token = '' } = useParams();
  const info = useQuery({ queryKey: ['join', token], queryFn: () => readLink(token), staleTime: 0, gcTime: 0 });
  if (info.isPending) return <PageLoading />;
  if (info.isError) {
    const { error } = info;
    const code = error instanceof ApiError ? error.code : '';
    if (code.startsWith('join.')) return <DeadLink code={code} />;
    return (
      <Page title={t('join.title')} narrow>
        <Failure error={error} onRetry={() => void info.refetch()} />
      </Page>
    );
  }
  if (info.data.mine) return <Navigate to={`/v/${encodeURIComponent(info.data.visit_id)}`} replace />;
  if (info.data.state === 'cancelled') return <DeadLink code="join.cancelled" />;
  return <Confirmation token={token} info={info.data} />;
}

interface Link extends JoinInfo {
  /** This browser already holds the visit. */
  mine: boolean;
}

async function readLink(token: string): Promise<Link> {
  const info = await get<JoinInfo>(`/join/${encodeURIComponent(token)}`);
  if (!info.bound) return { ...info, mine: false };
  const mine = await get(`/visits/${encodeURIComponent(info.visit_id)}/me`, { as: 'visit' }).then(
    () => true,
    () => false,
  );
  if (mine) rememberToken(info.visit_id, token);
  return { ...info, mine };
}

function Confirmation({ token, info }: { token: string; info: Link }): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const navigate = useNavigate();
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const locked = info.attempts_left <= 0 || (failure instanceof ApiError && failure.code === 'join.locked');
  if (locked) return <DeadLink code="join.locked" />;

  const confirm = async (proof: Proof): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const visit = encodeURIComponent(info.visit_id);
      const answer = await post<Confirmed>(`/visits/${visit}/confirm`, { token, ...proof });
      setVisitCsrf(info.visit_id, answer.csrf);
      rememberToken(info.visit_id, token);
      await navigate(`/v/${visit}/${pageOf(info.role) ?? answer.visit.next}`);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const form = { busy, failure, onConfirm: confirm };
  return (
    <Page title={t('join.title')} narrow>
      <Appointment info={info} />
      {info.role === 'consultant' ? (
        <ConfirmConsultant {...form} />
      ) : info.role === 'patient' ? (
        <ConfirmPatient {...form} bound={info.bound} />
      ) : (
        <Suspense fallback={<PageLoading />}>
          <ConfirmGuest {...form} role={info.role} bound={info.bound} locked={info.locked} />
        </Suspense>
      )}
    </Page>
  );
}

/** The page of who is no patient. */
function pageOf(role: JoinInfo['role']): string | null {
  if (role === 'patient') return null;
  return role === 'consultant' ? 'consult' : 'guest';
}

/** Whom the visit is with, and when: nothing about the patient before the confirmation. */
function Appointment({ info }: { info: JoinInfo }): ReactElement {
  const { t } = useTranslation('patient');
  return (
    <section className="card appointment" aria-label={t('join.appointment')}>
      <WithWhom name={info.practitioner_name} of={[info.organization_name]} />
      <p className="appointment-when">
        <Icon name="calendar" size={20} />
        <span>
          {formatDay(info.start)}
          <span className="numbers"> {formatTimeWithZone(info.start)}</span>
        </span>
      </p>
    </section>
  );
}

function DeadLink({ code }: { code: string }): ReactElement {
  const { t } = useTranslation('patient');
  const kind = code.slice('join.'.length);
  const known = ['expired', 'unknown', 'replaced', 'locked', 'cancelled'].includes(kind) ? kind : 'unknown';
  return (
    <Page title={t(`join.dead.${known}.title`)} narrow>
      <p>{t(`join.dead.${known}.text`)}</p>
      <p className="soft">{t('join.dead.help')}</p>
    </Page>
  );
}
