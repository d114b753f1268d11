import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get, patch, post } from '../api/client';
import type { Organization, Role, User } from '../api/messages';
import { ROLES, isRegistered } from './roles';
import { Banner, Button, Dialog, ErrorText, RadioGroup, Select, TextField } from '../design';

type Entries = {
  name: string;
  login: string;
  role: Role;
  organization_id: string;
  registration: string;
  title: string;
};

export interface UserDialogProps {
  /** `null` adds a user. */
  user: User | null;
  onClose(): void;
  onLink?(user: User, link: string): void;
}

export function UserDialog({ user, onClose, onLink }: UserDialogProps): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [entries, setEntries] = useState<Entries>(() => entriesOf(user));
  const [tried, setTried] = useState(false);
  const faults = faultsOf(entries, t);
  const save = useMutation({
    mutationFn: () => send(user, entries),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['admin', 'users'] });
      if (answer.password_link) onLink?.(answer.user, answer.password_link);
      else onClose();
    },
  });
  const submit = (): void => {
    setTried(true);
    if (Object.keys(faults).length === 0) save.mutate();
    else document.getElementById(`user-${Object.keys(faults)[0]}`)?.focus();
  };
  const bind = (id: 'name' | 'login' | 'registration' | 'title'): BoundField => ({
    id: `user-${id}`,
    value: entries[id],
    onChange: (text) => setEntries((before) => ({ ...before, [id]: text })),
    error: tried ? faults[id] : undefined,
  });
  return (
    <Dialog
      title={user ? t('users.editTitle', { name: user.name }) : t('users.addTitle')}
      isOpen
      onClose={onClose}
      width={640}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind="primary" isPending={save.isPending} onPress={submit}>
            {user ? t('save') : t('users.add')}
          </Button>
        </>
      }
    >
      {save.isError && (
        <Banner tone="danger" live="alert">
          <SaveFailure error={save.error} />
        </Banner>
      )}
      <div className="form-grid">
        <TextField {...bind('name')} label={t('users.name')} autoComplete="off" />
        {!user && (
          <TextField {...bind('login')} label={t('users.login')} hint={t('users.loginHint')} autoComplete="off" />
        )}
        {!user && (
          <div className="form-wide">
            <RadioGroup
              label={t('users.role')}
              columns={2}
              options={ROLES.map((id) => ({ id, label: t(`users.role_.${id}`), hint: t(`users.roleDoes.${id}`) }))}
              value={entries.role}
              onChange={(role) => setEntries((before) => ({ ...before, role }))}
            />
          </div>
        )}
        <OrganizationSelect
          value={entries.organization_id}
          onChange={(organization_id) => setEntries((before) => ({ ...before, organization_id }))}
          error={tried ? faults.organization_id : undefined}
        />
        {isRegistered(entries.role) && (
          <>
            <TextField
              {...bind('registration')}
              label={t('users.registration')}
              hint={t('users.registrationHint')}
              autoComplete="off"
            />
            <TextField {...bind('title')} label={t('users.title')} autoComplete="off" />
          </>
        )}
      </div>
    </Dialog>
  );
}

type BoundField = { id: string; value: string; onChange(text: string): void; error: string | undefined };
type Faults = Partial<Record<keyof Entries, string>>;

function OrganizationSelect(props: {
  value: string;
  onChange(id: string): void;
  error: string | undefined;
}): ReactElement {
  const { t } = useTranslation('admin');
  const organizations = useQuery({
    queryKey: ['admin', 'organizations'],
    queryFn: async () => (await get<{ organizations: Organization[] }>('/admin/organizations')).organizations,
  });
  return (
    <Select
      id="user-organization_id"
      label={t('users.organization')}
      options={(organizations.data ?? []).map(({ id, name, city }) => ({ id, label: name, hint: city }))}
      value={props.value || null}
      onChange={props.onChange}
      error={props.error}
    />
  );
}

function SaveFailure({ error }: { error: unknown }): ReactElement {
  const { t } = useTranslation('admin');
  if (error instanceof ApiError && (error.code === 'login.taken' || error.code === 'user.exists'))
    return <>{t('error.taken')}</>;
  return <ErrorText error={error} />;
}

function send(user: User | null, entries: Entries): Promise<{ user: User; password_link?: string }> {
  const registered = isRegistered(entries.role);
  const shared = {
    name: entries.name.trim(),
    organization_id: entries.organization_id,
    registration: registered ? entries.registration.trim() : '',
    title: registered ? entries.title.trim() : '',
  };
  if (user) return patch(`/admin/users/${encodeURIComponent(user.id)}`, shared);
  return post('/admin/users', { ...shared, login: entries.login.trim(), role: entries.role });
}

function entriesOf(user: User | null): Entries {
  return {
    name: user?.name ?? '',
    login: user?.login ?? '',
    role: user?.role ?? 'clinician',
    organization_id: user?.organization?.id ?? '',
    registration: user?.registration ?? '',
    title: user?.title ?? '',
  };
}

function faultsOf(entries: Entries, t: (key: string, values?: Record<string, unknown>) => string): Faults {
  const faults: Faults = {};
  if (entries.name.trim() === '') faults.name = t('error.required', { field: t('users.name') });
  if (!/^[\p{Letter}\p{Number}.-]{1,64}$/u.test(entries.login.trim())) faults.login = t('users.loginHint');
  if (entries.organization_id === '') faults.organization_id = t('error.required', { field: t('users.organization') });
  if (isRegistered(entries.role) && entries.registration.trim() === '') {
    faults.registration = t('error.required', { field: t('users.registration') });
  }
  return faults;
}
