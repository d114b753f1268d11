import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import type { Guest, GuestRole, Relationship } from '../api/messages';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { RadioGroup, Select, TextField } from '../design/fields';
import { Banner, ErrorText } from '../design/surfaces';
import { currentLanguage } from '../i18n';
import { useRoom } from '../visit/VisitRoom';
import { GuestLinkDialog } from './GuestLinkDialog';
import { OFFERED, languageName } from './languages';

const RELATIONSHIPS: readonly Relationship[] = ['SPS', 'CHILD', 'PRN', 'FAMMEMB', 'FRND', 'GUARD'];
const ROLES: readonly GuestRole[] = ['family', 'interpreter', 'observer'];

interface Entries {
  role: GuestRole;
  name: string;
  relationship: Relationship | null;
  from: string;
  into: string | null;
}

/** Invites somebody by link: the patient family, the clinician also an interpreter or an observer. */
export function InviteGuestDialog({ familyOnly, onClose }: { familyOnly: boolean; onClose(): void }): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const { visitId, as } = useRoom();
  const [tried, setTried] = useState(false);
  const [entries, setEntries] = useState<Entries>({ role: 'family', name: '', relationship: null, from: currentLanguage() === 'en' ? 'en' : 'zh', into: null });
  const invite = useMutation({
    mutationFn: () => post<{ guest: Guest; url: string }>(`/visits/${encodeURIComponent(visitId)}/guests`, bodyOf(entries), { as }),
  });
  const change = (part: Partial<Entries>): void => setEntries((before) => ({ ...before, ...part }));
  if (invite.data) return <GuestLinkDialog name={invite.data.guest.name} url={invite.data.url} onClose={onClose} />;
  const submit = (): void => {
    setTried(true);
    if (isComplete(entries)) invite.mutate();
  };
  const languages = OFFERED.map((id) => ({ id, label: languageName(id) }));
  return (
    <Dialog
      title={t(familyOnly ? 'invite.title-family' : 'invite.title')}
      isOpen
      onClose={onClose}
      width={560}
      actions={
        <>
          <Button onPress={onClose}>{t('invite.cancel')}</Button>
          <Button kind="primary" icon="link" isPending={invite.isPending} onPress={submit}>
            {t('invite.submit')}
          </Button>
        </>
      }
    >
      {invite.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={invite.error} />
        </Banner>
      )}
      {familyOnly ? (
        <p className="soft">{t('invite.family-text')}</p>
      ) : (
        <RadioGroup
          label={t('invite.role')}
          options={ROLES.map((id) => ({ id, label: t(`role.${id}`), hint: t(`invite.hint.${id}`) }))}
          value={entries.role}
          onChange={(role) => change({ role })}
        />
      )}
      <TextField
        label={t('invite.name')}
        hint={t('invite.name-hint')}
        value={entries.name}
        onChange={(name) => change({ name })}
        maxLength={120}
        autoComplete="off"
        error={tried && !entries.name.trim() ? t('invite.name-empty') : null}
      />
      {entries.role === 'family' && (
        <Select
          label={t(familyOnly ? 'invite.relationship-own' : 'invite.relationship')}
          options={RELATIONSHIPS.map((id) => ({ id, label: t(`relation.${id}`) }))}
          value={entries.relationship}
          onChange={(relationship) => change({ relationship })}
          error={tried && !entries.relationship ? t('invite.relationship-empty') : null}
        />
      )}
      {entries.role === 'interpreter' && (
        <div className="form-pair">
          <Select label={t('invite.from')} options={languages} value={entries.from as (typeof OFFERED)[number]} onChange={(from) => change({ from })} />
          <Select
            label={t('invite.into')}
            options={languages}
            value={entries.into as (typeof OFFERED)[number] | null}
            onChange={(into) => change({ into })}
            error={tried && !entries.into ? t('invite.into-empty') : null}
          />
        </div>
      )}
    </Dialog>
  );
}

function isComplete({ role, name, relationship, into }: Entries): boolean {
  if (!name.trim()) return false;
  if (role === 'family') return relationship !== null;
  return role === 'observer' || into !== null;
}

function bodyOf({ role, name, relationship, from, into }: Entries): object {
  const body = { role, name: name.trim() };
  if (role === 'family') return { ...body, relationship };
  return role === 'interpreter' ? { ...body, languages: [from, into] } : body;
}
