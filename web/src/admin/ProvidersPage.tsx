import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { wordOf } from '../account/ProviderButtons';
import { del, get, post } from '../api/client';
import type { IdentityProvider, IdentityProviders, ProviderTest } from '../api/messages';
import { Banner, Button, Card, Empty, ErrorText, Facts, Failure, Loading, StatusPill } from '../design';
import { CopyBox } from '../design/CopyBox';
import { ProviderDialog } from './ProviderDialog';

export const PROVIDERS = ['admin', 'identity-providers'] as const;

/** The hospital's own providers, by which people sign in. */
export default function ProvidersPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<{ provider: IdentityProvider | null } | null>(null);
  const all = useQuery({
    queryKey: PROVIDERS,
    queryFn: () => get<IdentityProviders>('/admin/identity-providers'),
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('providers.heading')}</h2>
          <p className="soft">{t('providers.explain')}</p>
        </div>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ provider: null })}>
          {t('providers.add')}
        </Button>
      </div>
      {all.isPending && <Loading />}
      {all.isError && <Failure error={all.error} onRetry={() => void all.refetch()} />}
      {all.data && (
        <Card>
          <div className="stack">
            <Address label={t('providers.redirect')} text={all.data.redirect_uri} />
            <Address label={t('providers.afterSignOut')} text={all.data.post_logout_redirect_uri} />
          </div>
        </Card>
      )}
      {all.data?.providers.length === 0 && <Empty icon="hospital" title={t('providers.empty')} />}
      {all.data?.providers.map((provider) => (
        <ProviderCard key={provider.id} provider={provider} onEdit={() => setOpen({ provider })} />
      ))}
      {open && <ProviderDialog provider={open.provider} onClose={() => setOpen(null)} />}
    </>
  );
}

/** An address that is entered at the provider. */
function Address({ label, text }: { label: string; text: string }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <div>
      <p className="field-label">{label}</p>
      <CopyBox label={label} text={text} copy={t('providers.copy')} copied={t('users.copied')} failed={t('providers.copyFailed')} />
    </div>
  );
}

function ProviderCard({ provider, onEdit }: { provider: IdentityProvider; onEdit(): void }): ReactElement {
  const { t, i18n } = useTranslation('admin');
  const queries = useQueryClient();
  const path = `/admin/identity-providers/${encodeURIComponent(provider.id)}`;
  const test = useMutation({ mutationFn: async () => (await post<{ result: ProviderTest }>(`${path}/test`)).result });
  const remove = useMutation({ mutationFn: () => del(path), onSuccess: () => queries.invalidateQueries({ queryKey: PROVIDERS }) });
  const [sure, setSure] = useState(false);
  const { settings } = provider;
  const name = wordOf(settings.name, i18n.language);
  return (
    <Card title={name}>
      <div className="stack">
        <div>
          <StatusPill tone={settings.active ? 'ok' : 'neutral'}>{t(settings.active ? 'providers.active' : 'providers.inactive')}</StatusPill>
        </div>
        <Facts
          items={[
            [t('providers.issuer'), settings.issuer],
            [t('providers.clientId'), settings.client_id],
            [t('providers.rows'), settings.roles.map(({ value, role }) => `${value} → ${t(`users.role_.${role}`)}`).join('; ')],
          ]}
        />
        <Address label={t('providers.backchannel')} text={provider.backchannel_logout_uri} />
        {(test.isError || remove.isError) && (
          <Banner tone="danger" live="alert">
            <ErrorText error={test.error ?? remove.error} />
          </Banner>
        )}
        {test.data && <TestResult result={test.data} />}
        <div className="row">
          <Button icon="edit" onPress={onEdit}>
            {t('providers.edit', { name })}
          </Button>
          <Button isPending={test.isPending} onPress={() => test.mutate()}>
            {t('providers.test')}
          </Button>
          <Button kind={sure ? 'danger' : 'quiet'} isPending={remove.isPending} onPress={() => (sure ? remove.mutate() : setSure(true))}>
            {t(sure ? 'providers.removeSure' : 'providers.remove', { name })}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function TestResult({ result }: { result: ProviderTest }): ReactElement {
  const { t } = useTranslation('admin');
  if (result.ok)
    return (
      <Banner tone="ok" live="status">
        {t('providers.ok', { count: result.keys })} {!result.logout && t('providers.noSignOut')}
      </Banner>
    );
  const reason = typeof result.details?.reason === 'string' ? result.details.reason : 'other';
  return (
    <Banner tone="danger" live="alert" title={t('providers.notOk')}>
      {result.code === 'provider.down' ? t([`providers.reason.${reason}`, 'providers.reason.other']) : t('providers.reason.other')}
      <p className="small">{result.message}</p>
    </Banner>
  );
}
