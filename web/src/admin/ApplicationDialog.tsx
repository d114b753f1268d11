import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, patch, post } from '../api/client';
import type { Application, ApplicationAnswer, ApplicationKind, KeysRead } from '../api/messages';
import { Banner, Button, Dialog, RadioGroup, TextField } from '../design';
import { EditDialog } from './EditDialog';

const KINDS: ApplicationKind[] = ['public', 'confidential-secret', 'confidential-key', 'service'];

type Field = 'name' | 'redirect_uris' | 'launch_url' | 'scopes' | 'jwks_uri' | 'keys';
type Entries = Record<Field, string> & { kind: ApplicationKind };

export interface ApplicationDialogProps {
  /** `null` registers one. */
  application: Application | null;
  onClose(): void;
  onMade?(application: Application, secret: string | null): void;
}

export function ApplicationDialog({ application, onClose, onMade }: ApplicationDialogProps): ReactElement {
  const { t } = useTranslation('applications');
  const queries = useQueryClient();
  const [entries, setEntries] = useState<Entries>(() => entriesOf(application));
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => send(application, entries),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['admin', 'applications'] });
      if (answer.keys_read?.ok !== false) leave(answer);
    },
  });
  const leave = (answer: ApplicationAnswer): void => {
    if (onMade) onMade(answer.application, answer.client_secret ?? null);
    else onClose();
  };
  const faults: Partial<Record<Field, string>> = faultsOf(entries, t);
  const submit = (): void => {
    setTried(true);
    const [first] = Object.keys(faults);
    if (first) document.getElementById(`application-${first}`)?.focus();
    else save.mutate();
  };
  const said = save.error instanceof ApiError ? save.error.field : undefined;
  const bind = (id: Field) => ({
    id: `application-${id}`,
    value: entries[id],
    onChange: (text: string) => setEntries((before) => ({ ...before, [id]: text })),
    error: (tried && faults[id]) || (said === id ? t(`bad.${id}`) : undefined),
    autoComplete: 'off',
    spellCheck: 'false' as const,
  });
  const service = entries.kind === 'service';
  if (save.data?.keys_read?.ok === false) {
    const { data } = save;
    return <UnreadKeys name={data.application.name} read={save.data.keys_read} onClose={() => leave(data)} />;
  }
  return (
    <EditDialog
      title={application ? t('editTitle', { name: application.name }) : t('addTitle')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={720}
      submit={application ? t('save') : t('add')}
    >
      <TextField {...bind('name')} label={t('name')} hint={t('nameHint')} />
      {!application && (
        <RadioGroup
          label={t('kindLabel')}
          options={KINDS.map((id) => ({ id, label: t(`kind.${id}`), hint: t(`kindHint.${id}`) }))}
          value={entries.kind}
          onChange={(kind) => setEntries((before) => ({ ...before, kind }))}
        />
      )}
      {!service && (
        <>
          <TextField {...bind('redirect_uris')} label={t('redirects')} hint={t('redirectsHint')} multiline rows={2} />
          <TextField {...bind('launch_url')} label={t('launch')} hint={t('launchHint')} />
        </>
      )}
      <TextField
        {...bind('scopes')}
        label={t('scopes')}
        hint={t(service ? 'scopesHintService' : 'scopesHint')}
        multiline
        rows={2}
      />
      {hasKeys(entries.kind) && (
        <>
          <TextField {...bind('jwks_uri')} label={t('keysAddress')} hint={t('keysAddressHint')} />
          <TextField {...bind('keys')} label={t('keysPasted')} hint={t('keysHint')} multiline rows={5} />
        </>
      )}
    </EditDialog>
  );
}

/** It is registered, but its keys could not be read at their address: until they can, it cannot show who it is. */
function UnreadKeys({ name, read, onClose }: { name: string; read: KeysRead & { ok: false }; onClose(): void }): ReactElement {
  const { t } = useTranslation('applications');
  return (
    <Dialog
      title={t('unread.title', { name })}
      isOpen
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {t('close')}
        </Button>
      }
    >
      <Banner tone="warn" live="alert">
        {t([`unread.reason.${read.reason}`, 'unread.reason.other'])}
        {['status', 'keys'].includes(read.reason) && <p className="small">{read.message}</p>}
      </Banner>
      <p>{t('unread.next')}</p>
    </Dialog>
  );
}

function hasKeys(kind: ApplicationKind): boolean {
  return kind === 'confidential-key' || kind === 'service';
}

function entriesOf(application: Application | null): Entries {
  return {
    name: application?.name ?? '',
    kind: application?.kind ?? 'public',
    redirect_uris: application?.redirect_uris.join('\n') ?? '',
    launch_url: application?.launch_url ?? '',
    scopes: application?.scopes.join(' ') ?? '',
    jwks_uri: application?.jwks_uri ?? '',
    keys: application?.keys ? JSON.stringify(application.keys, null, 2) : '',
  };
}

function send(application: Application | null, entries: Entries): Promise<ApplicationAnswer> {
  const service = entries.kind === 'service';
  const shared = {
    name: entries.name.trim(),
    redirect_uris: service ? [] : entries.redirect_uris.split(/\s+/).filter(Boolean),
    launch_url: service ? '' : entries.launch_url.trim(),
    scopes: entries.scopes.trim(),
    ...(hasKeys(entries.kind) && keysOf(entries)),
  };
  if (application) return patch(`/admin/applications/${encodeURIComponent(application.id)}`, shared);
  return post('/admin/applications', { ...shared, kind: entries.kind });
}

function keysOf({ jwks_uri, keys }: Entries): object {
  return keys.trim() === '' ? { jwks_uri: jwks_uri.trim() } : { keys: JSON.parse(keys) as unknown };
}

function faultsOf(entries: Entries, t: (key: string) => string): Partial<Record<Field, string>> {
  const faults: Partial<Record<Field, string>> = {};
  if (entries.name.trim() === '') faults.name = t('bad.name');
  if (entries.kind !== 'service' && entries.redirect_uris.trim() === '') faults.redirect_uris = t('bad.redirect_uris');
  if (entries.scopes.trim() === '') faults.scopes = t('bad.scopes');
  if (hasKeys(entries.kind)) {
    const [address, pasted] = [entries.jwks_uri.trim() !== '', entries.keys.trim() !== ''];
    if (address === pasted) faults.jwks_uri = t(address ? 'bad.keysBoth' : 'bad.keysNone');
    else if (pasted && !isJson(entries.keys)) faults.keys = t('bad.keys');
  }
  return faults;
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}
