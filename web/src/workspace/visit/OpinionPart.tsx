import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { del, get, post } from '../../api/client';
import type { Invitation, Opinion, Visit } from '../../api/messages';
import { Banner, Button, Card, Dialog, ErrorText, Select, StatusPill, TextField, type Tone } from '../../design';
import { formatDayTime } from '../../format';
import { useRoom } from '../../visit/VisitRoom';
import { JoinLink } from '../booking/JoinLink';
import { Confirm } from './dialogs/Confirm';
import { useInstitutions } from './useInstitutions';

const TONE: Record<Invitation['state'], Tone> = { open: 'info', joined: 'accent', signed: 'ok', over: 'neutral' };

/** Asks a clinician of another institution, and reads what they wrote. */
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
              {invitation.state === 'open' && (
                <div className="small soft numbers">
                  {t('opinion.until', { when: formatDayTime(invitation.expires_at) })}
                </div>
              )}
            </div>
            <StatusPill tone={TONE[invitation.state]}>{t(`opinion.state.${invitation.state}`)}</StatusPill>
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

function InviteDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const institutions = useInstitutions();
  const [entries, setEntries] = useState({ name: '', organization_id: '', email: '', question: '' });
  const [tried, setTried] = useState(false);
  const invite = useMutation({
    mutationFn: () =>
      post<{ invitation: Invitation; url: string }>(
        `/visits/${encodeURIComponent(visitId)}/invitations`,
        bodyOf(entries),
      ),
  });
  const change = (part: Partial<typeof entries>): void => setEntries((before) => ({ ...before, ...part }));
  const needed = (field: 'name' | 'organization_id' | 'question', label: string): string | undefined =>
    tried && entries[field].trim() === '' ? t('patient.required', { field: label }) : undefined;
  const submit = (): void => {
    setTried(true);
    if (entries.name.trim() && entries.organization_id && entries.question.trim()) invite.mutate();
  };
  if (invite.data) {
    const name = invite.data.invitation.name;
    return (
      <Dialog
        title={t('opinion.linkReady', { name })}
        isOpen
        onClose={onClose}
        width={620}
        actions={<Button onPress={onClose}>{t('do.done')}</Button>}
      >
        <JoinLink url={invite.data.url} explain={t('opinion.linkExplain')} label={t('opinion.linkReady', { name })} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={t('opinion.invite')}
      isOpen
      onClose={onClose}
      width={620}
      actions={
        <>
          <Button onPress={onClose}>{t('do.cancelDialog')}</Button>
          <Button kind="primary" icon="link" isPending={invite.isPending} onPress={submit}>
            {t('opinion.send')}
          </Button>
        </>
      }
    >
      {invite.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={invite.error} />
        </Banner>
      )}
      <Select
        label={t('opinion.organization')}
        options={(institutions.data ?? []).map(({ id, name, city }) => ({
          id,
          label: name,
          ...(city && { hint: city }),
        }))}
        value={entries.organization_id || null}
        onChange={(organization_id) => change({ organization_id })}
        error={needed('organization_id', t('opinion.organization'))}
      />
      <div className="form-pair">
        <TextField
          label={t('opinion.name')}
          value={entries.name}
          onChange={(name) => change({ name })}
          error={needed('name', t('opinion.name'))}
          autoComplete="off"
        />
        <TextField
          label={t('opinion.email')}
          type="email"
          value={entries.email}
          onChange={(email) => change({ email })}
          autoComplete="off"
        />
      </div>
      <TextField
        label={t('opinion.question')}
        multiline
        rows={4}
        value={entries.question}
        onChange={(question) => change({ question })}
        error={needed('question', t('opinion.question'))}
      />
    </Dialog>
  );
}

function bodyOf(entries: { name: string; organization_id: string; email: string; question: string }): unknown {
  return {
    name: entries.name.trim(),
    organization_id: entries.organization_id,
    question: entries.question.trim(),
    ...(entries.email.trim() && { email: entries.email.trim() }),
  };
}
