import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post, put } from '../api/client';
import type { IdentityProvider, ProviderSettings, RoleRow } from '../api/messages';
import { Checkbox, Select, TextField } from '../design';
import { EditDialog } from './EditDialog';
import { PROVIDERS } from './ProvidersPage';
import { RoleRows } from './RoleRows';

type Texts = 'en' | 'zh' | 'issuer' | 'client_id' | 'secret' | 'scopes' | 'role_claim' | 'factor_acr' | 'factor_amr';
type Entries = Record<Texts, string>;

const REQUIRED: readonly Texts[] = ['en', 'zh', 'issuer', 'client_id'];
/** By what an account that stands here is found at its first sign-in. */
const MATCHES = ['none', 'preferred_username', 'email'] as const;

/** All that is written down of a provider. */
export function ProviderDialog({ provider, onClose }: { provider: IdentityProvider | null; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const before = provider?.settings;
  const [entries, setEntries] = useState<Entries>(() => entriesOf(before));
  const [rows, setRows] = useState<RoleRow[]>(before?.roles ?? []);
  const [match, setMatch] = useState<string>(before?.match_claim ?? 'none');
  const [creates, setCreates] = useState(before?.creates ?? false);
  const [active, setActive] = useState(before?.active ?? true);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const settings = settingsOf(entries, { roles: rows, match_claim: match === 'none' ? null : match, creates, active });
      const body = entries.secret === '' && provider ? { settings } : { settings, secret: entries.secret };
      return provider ? put(`/admin/identity-providers/${encodeURIComponent(provider.id)}`, body) : post('/admin/identity-providers', body);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: PROVIDERS });
      await queries.invalidateQueries({ queryKey: ['session'] });
      onClose();
    },
  });
  const missing = REQUIRED.filter((field) => entries[field].trim() === '');
  const half = rows.some((row) => row.value.trim() === '' || row.organization_id === '');
  const submit = (): void => {
    setTried(true);
    if (missing[0]) document.getElementById(`provider-${missing[0]}`)?.focus();
    else if (!half) save.mutate();
  };
  const text = (id: Texts, hint?: string, type = 'text'): ReactElement => (
    <TextField
      id={`provider-${id}`}
      label={t(`providers.field.${id}`)}
      hint={hint}
      type={type}
      value={entries[id]}
      onChange={(value) => setEntries((all) => ({ ...all, [id]: value }))}
      autoComplete="off"
      spellCheck="false"
      error={tried && missing.includes(id) ? t('error.required', { field: t(`providers.field.${id}`) }) : undefined}
    />
  );
  const custom = (MATCHES as readonly string[]).includes(match) ? [] : [{ id: match, label: match }];
  return (
    <EditDialog
      title={t(provider ? 'providers.editTitle' : 'providers.addTitle')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={720}
    >
      <div className="form-grid">
        {text('en')}
        {text('zh')}
      </div>
      {text('issuer', t('providers.hint.issuer'))}
      <div className="form-grid">
        {text('client_id')}
        {text('secret', provider?.has_secret ? t('providers.hint.secretKept') : undefined, 'password')}
      </div>
      <div className="form-grid">
        {text('scopes', t('providers.hint.list'))}
        {text('role_claim', t('providers.hint.role_claim'))}
      </div>
      <RoleRows rows={rows} onChange={setRows} tried={tried} />
      <Select
        label={t('providers.match')}
        hint={t('providers.hint.match')}
        options={[...MATCHES.map((id) => ({ id: id as string, label: t(`providers.match_.${id}`) })), ...custom]}
        value={match}
        onChange={setMatch}
      />
      <div className="form-grid">
        {text('factor_amr', t('providers.hint.factor'))}
        {text('factor_acr', t('providers.hint.factor'))}
      </div>
      <Checkbox isSelected={creates} onChange={setCreates} hint={t('providers.hint.creates')}>
        {t('providers.creates')}
      </Checkbox>
      <Checkbox isSelected={active} onChange={setActive}>
        {t('providers.activeField')}
      </Checkbox>
    </EditDialog>
  );
}

function entriesOf(settings: ProviderSettings | undefined): Entries {
  return {
    en: settings?.name.en ?? '',
    zh: settings?.name.zh ?? '',
    issuer: settings?.issuer ?? '',
    client_id: settings?.client_id ?? '',
    secret: '',
    scopes: (settings?.scopes ?? ['profile', 'email']).join(' '),
    role_claim: settings?.role_claim ?? 'groups',
    factor_acr: (settings?.factor_acr ?? []).join(' '),
    factor_amr: (settings?.factor_amr ?? []).join(' '),
  };
}

function settingsOf(
  entries: Entries,
  rest: Pick<ProviderSettings, 'roles' | 'match_claim' | 'creates' | 'active'>,
): ProviderSettings {
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  return {
    ...rest,
    name: { en: entries.en.trim(), zh: entries.zh.trim() },
    issuer: entries.issuer.trim(),
    client_id: entries.client_id.trim(),
    scopes: words(entries.scopes),
    role_claim: entries.role_claim.trim(),
    factor_acr: words(entries.factor_acr),
    factor_amr: words(entries.factor_amr),
  };
}
