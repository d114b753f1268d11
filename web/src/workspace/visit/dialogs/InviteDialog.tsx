import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../../../api/client';
import type { Invitation, PractitionerEntry } from '../../../api/messages';
import { Banner, Button, Dialog, ErrorText, Failure, RadioGroup, Select, TextField } from '../../../design';
import { useRoom } from '../../../visit/VisitRoom';
import { JoinLink } from '../../booking/JoinLink';
import { useInstitutions } from '../useInstitutions';

type Way = 'account' | 'link';
type Field = 'practitioner_id' | 'name' | 'organization_id' | 'question';
type Entries = Record<Field | 'email', string>;

/** What each way needs. */
const NEEDED: Record<Way, readonly Field[]> = {
  account: ['practitioner_id', 'question'],
  link: ['organization_id', 'name', 'question'],
};

/** Asks somebody who has an account here, or makes a link for somebody who has none. */
export function InviteDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId } = useRoom();
  const [way, setWay] = useState<Way>('account');
  const [entries, setEntries] = useState<Entries>({ practitioner_id: '', name: '', organization_id: '', email: '', question: '' });
  const [tried, setTried] = useState(false);
  const invite = useMutation({
    mutationFn: () =>
      post<{ invitation: Invitation; url: string | null }>(
        `/visits/${encodeURIComponent(visitId)}/invitations`,
        bodyOf(way, entries),
      ),
  });
  const change = (part: Partial<Entries>): void => setEntries((before) => ({ ...before, ...part }));
  const fault = (field: Field, label: string): string | undefined =>
    tried && entries[field].trim() === '' ? t('patient.required', { field: label }) : undefined;
  const submit = (): void => {
    setTried(true);
    if (NEEDED[way].every((field) => entries[field].trim() !== '')) invite.mutate();
  };
  if (invite.data) return <Invited invitation={invite.data.invitation} url={invite.data.url} onClose={onClose} />;
  const form = { entries, change, fault };
  return (
    <Dialog
      title={t('opinion.invite')}
      isOpen
      onClose={onClose}
      width={620}
      actions={
        <>
          <Button onPress={onClose}>{t('do.cancelDialog')}</Button>
          <Button
            kind="primary"
            icon={way === 'link' ? 'link' : 'send'}
            isPending={invite.isPending}
            onPress={submit}
          >
            {t(way === 'link' ? 'opinion.send' : 'opinion.ask')}
          </Button>
        </>
      }
    >
      {invite.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={invite.error} />
        </Banner>
      )}
      <RadioGroup
        label={t('opinion.way')}
        columns={2}
        options={[
          { id: 'account', label: t('opinion.byAccount'), hint: t('opinion.byAccountHint') },
          { id: 'link', label: t('opinion.byLink'), hint: t('opinion.byLinkHint') },
        ]}
        value={way}
        onChange={(next) => (setWay(next), setTried(false), invite.reset())}
      />
      {way === 'account' ? <SomebodyHere {...form} /> : <SomebodyElsewhere {...form} />}
      <TextField
        label={t('opinion.question')}
        multiline
        rows={4}
        value={entries.question}
        onChange={(question) => change({ question })}
        error={fault('question', t('opinion.question'))}
      />
    </Dialog>
  );
}

interface FormProps {
  entries: Entries;
  change(part: Partial<Entries>): void;
  fault(field: Field, label: string): string | undefined;
}

function SomebodyHere({ entries, change, fault }: FormProps): ReactElement {
  const { t } = useTranslation('workspace');
  const people = useQuery({
    queryKey: ['practitioners', 'to-ask'],
    queryFn: async () => (await get<{ practitioners: PractitionerEntry[] }>('/practitioners/to-ask')).practitioners,
    staleTime: 300_000,
  });
  if (people.isError) return <Failure error={people.error} onRetry={() => void people.refetch()} />;
  if (people.data?.length === 0) return <Banner>{t('opinion.nobodyHere')}</Banner>;
  return (
    <Select
      label={t('opinion.who')}
      options={(people.data ?? []).map(({ id, name, title, role, organization }) => ({
        id,
        label: name,
        hint: [title || t(`opinion.role.${role}`), organization.name].join(' · '),
      }))}
      value={entries.practitioner_id || null}
      onChange={(practitioner_id) => change({ practitioner_id })}
      error={fault('practitioner_id', t('opinion.who'))}
    />
  );
}

function SomebodyElsewhere({ entries, change, fault }: FormProps): ReactElement {
  const { t } = useTranslation('workspace');
  const institutions = useInstitutions();
  return (
    <>
      <Select
        label={t('opinion.organization')}
        options={(institutions.data ?? []).map(({ id, name, city }) => ({
          id,
          label: name,
          ...(city && { hint: city }),
        }))}
        value={entries.organization_id || null}
        onChange={(organization_id) => change({ organization_id })}
        error={fault('organization_id', t('opinion.organization'))}
      />
      <div className="form-pair">
        <TextField
          label={t('opinion.name')}
          value={entries.name}
          onChange={(name) => change({ name })}
          error={fault('name', t('opinion.name'))}
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
    </>
  );
}

interface InvitedProps {
  invitation: Invitation;
  url: string | null;
  onClose(): void;
}

/** The link to hand over, or where the question lies. */
function Invited({ invitation: { name }, url, onClose }: InvitedProps): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <Dialog
      title={t(url ? 'opinion.linkReady' : 'opinion.asked', { name })}
      isOpen
      onClose={onClose}
      width={620}
      actions={<Button onPress={onClose}>{t('do.done')}</Button>}
    >
      {url ? (
        <JoinLink url={url} explain={t('opinion.linkExplain')} label={t('opinion.linkReady', { name })} />
      ) : (
        <p>{t('opinion.askedBody', { name })}</p>
      )}
    </Dialog>
  );
}

function bodyOf(way: Way, entries: Entries): unknown {
  const question = entries.question.trim();
  if (way === 'account') return { practitioner_id: entries.practitioner_id, question };
  const email = entries.email.trim();
  return { name: entries.name.trim(), organization_id: entries.organization_id, question, ...(email && { email }) };
}
