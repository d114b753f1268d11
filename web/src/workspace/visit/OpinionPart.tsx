import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { del, get } from '../../api/client';
import type { Invitation, Opinion, Visit } from '../../api/messages';
import { Button, Card, StatusPill, type Tone } from '../../design';
import { formatDayTime } from '../../format';
import { useRoom } from '../../visit/VisitRoom';
import { Confirm } from './dialogs/Confirm';
import { InviteDialog } from './dialogs/InviteDialog';

const TONE: Record<Invitation['state'], Tone> = { open: 'info', joined: 'accent', signed: 'ok', over: 'neutral' };

/** Asks a specialist or a clinician of another institution, and reads what they wrote. */
export function OpinionPart(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit } = useRoom();
  const [inviting, setInviting] = useState(false);
  const open = visit.state !== 'finished' && visit.state !== 'cancelled';
  return (
    <>
      <Card
        title={t('opinion.heading')}
        aside={
          open && (
            <Button icon="plus" onPress={() => setInviting(true)}>
              {t('opinion.invite')}
            </Button>
          )
        }
      >
        <p className="soft">{open ? t('opinion.explain') : t('opinion.newTab')}</p>
        {visit.invitations.length === 0 ? <p>{t('opinion.none')}</p> : <Invitations visit={visit} open={open} />}
      </Card>
      <WrittenOpinion />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}

function Invitations({ visit, open }: { visit: Visit; open: boolean }): ReactElement {
  const { t } = useTranslation('workspace');
  const [withdrawn, setWithdrawn] = useState<Invitation | null>(null);
  return (
    <>
      <ul className="entries">
        {visit.invitations.map((invitation) => (
          <li key={invitation.id}>
            <div className="entry-text">
              <strong>{invitation.name}</strong>, {invitation.organization.name}
              <div className="small said">{invitation.question}</div>
              {invitation.has_account && <div className="small soft">{t('opinion.hasAccount')}</div>}
              {invitation.state === 'open' && !invitation.has_account && (
                <div className="small soft numbers">
                  {t('opinion.until', { when: formatDayTime(invitation.expires_at) })}
                </div>
              )}
            </div>
            <StatusPill tone={TONE[invitation.state]}>{t(wordOf(invitation))}</StatusPill>
            {open && (invitation.state === 'open' || invitation.state === 'joined') && (
              <Button
                kind="quiet"
                onPress={() => setWithdrawn(invitation)}
                aria-label={t('opinion.withdraw', { name: invitation.name })}
              >
                {t('opinion.withdrawShort')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {withdrawn && <WithdrawDialog invitation={withdrawn} onClose={() => setWithdrawn(null)} />}
    </>
  );
}

/** Who has an account opens no link: the question lies in their list from the first moment. */
function wordOf({ state, has_account }: Invitation): string {
  return state === 'open' && has_account ? 'opinion.state.asked' : `opinion.state.${state}`;
}

function WithdrawDialog({ invitation, onClose }: { invitation: Invitation; onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const withdraw = useMutation({
    mutationFn: () => del(`/visits/${encodeURIComponent(visitId)}/invitations/${encodeURIComponent(invitation.id)}`),
    onSuccess: onClose,
  });
  return (
    <Confirm
      title={t('opinion.withdrawTitle')}
      submit={t('opinion.withdrawShort')}
      danger
      isPending={withdraw.isPending}
      error={withdraw.error}
      onSubmit={() => withdraw.mutate()}
      onClose={onClose}
    >
      <p>{t('opinion.withdrawExplain', { name: invitation.name })}</p>
    </Confirm>
  );
}

function WrittenOpinion(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, subscribe } = useRoom();
  const queries = useQueryClient();
  const opinion = useQuery({
    queryKey: ['opinion', visitId],
    queryFn: async () =>
      (await get<{ opinion: Opinion | null }>(`/visits/${encodeURIComponent(visitId)}/opinion`)).opinion,
  });
  useEffect(
    () =>
      subscribe(
        (message) => message.t === 'opinion' && void queries.invalidateQueries({ queryKey: ['opinion', visitId] }),
      ),
    [subscribe, queries, visitId],
  );
  return (
    <Card title={t('opinion.text')}>
      {opinion.data?.text ? <OpinionText opinion={opinion.data} /> : <p className="soft">{t('opinion.noText')}</p>}
    </Card>
  );
}

export function OpinionText({ opinion }: { opinion: Opinion }): ReactElement {
  const { t } = useTranslation('workspace');
  const { by, organization, signed_at } = opinion;
  return (
    <>
      <div className="row">
        {signed_at ? (
          <StatusPill tone="ok" icon="lock">
            {t('opinion.signedBy', { name: by, organization, when: formatDayTime(signed_at) })}
          </StatusPill>
        ) : (
          <StatusPill tone="warn" icon="edit">
            {t('opinion.draft')}
          </StatusPill>
        )}
      </div>
      <p className="said">{opinion.text}</p>
    </>
  );
}
