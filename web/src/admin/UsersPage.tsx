import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, patch, post } from '../api/client';
import { useSession } from '../api/session';
import type { User } from '../api/messages';
import { Banner, Button, Dialog, Empty, ErrorText, Failure, Loading, StatusPill, TextField } from '../design';
import { CopyBox } from '../design/CopyBox';
import { type Column, DataTable } from '../design/DataTable';
import { MenuButton } from '../design/MenuButton';
import { formatDayTime } from '../format';
import { ResetSecondFactor, UserSessions } from './UserAccess';
import { UserDialog } from './UserDialog';

type Open =
  | { what: 'add' }
  | { what: 'edit'; user: User }
  | { what: 'deactivate'; user: User }
  | { what: 'link'; user: User }
  | { what: 'sessions'; user: User }
  | { what: 'reset'; user: User }
  | { what: 'handed'; user: User; link: string };

/** Who may sign in. Passwords are never seen here: a one-time link is made and handed over. */
export default function UsersPage(): ReactElement {
  const { t } = useTranslation('admin');
  const users = useUsers();
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<Open | null>(null);
  const shown = (users.data ?? []).filter((user) => answers(user, filter));
  return (
    <>
      <div className="admin-head">
        <h2>{t('users.heading')}</h2>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ what: 'add' })}>
          {t('users.add')}
        </Button>
      </div>
      <div className="admin-filter">
        <TextField label={t('users.filter')} value={filter} onChange={setFilter} type="search" />
      </div>
      {users.isPending && <Loading />}
      {users.isError && <Failure error={users.error} onRetry={() => void users.refetch()} />}
      {users.data && shown.length === 0 && (
        <Empty icon="users" title={filter ? t('users.noMatch', { query: filter }) : t('users.empty')} />
      )}
      {shown.length > 0 && <UserTable users={shown} onOpen={setOpen} />}
      <UserDialogs open={open} onOpen={setOpen} />
    </>
  );
}

function useUsers(): ReturnType<typeof useQuery<User[]>> {
  return useQuery({
    queryKey: ['admin', 'users'],
    queryFn: async () => (await get<{ users: User[] }>('/admin/users')).users,
  });
}

function UserTable({ users, onOpen }: { users: User[]; onOpen(open: Open): void }): ReactElement {
  const { t } = useTranslation('admin');
  const self = useSession().data?.session?.user.id;
  const activate = useActivation(() => undefined);
  const columns: Column<User>[] = [
    {
      id: 'name',
      title: t('users.name'),
      heads: true,
      cell: (user) => (
        <>
          {user.name}
          {user.id === self && <span className="soft"> ({t('users.self')})</span>}
          {user.title && <div className="small soft">{user.title}</div>}
        </>
      ),
    },
    { id: 'login', title: t('users.login'), cell: (user) => user.login },
    { id: 'role', title: t('users.role'), cell: (user) => t(`users.role_.${user.role}`) },
    { id: 'organization', title: t('users.organization'), cell: (user) => user.organization?.name },
    {
      id: 'registration',
      title: t('users.registration'),
      cell: (user) => <span className="numbers">{user.registration || '–'}</span>,
    },
    {
      id: 'second-factor',
      title: t('users.secondFactor'),
      cell: (user) =>
        user.second_factor ? (
          <StatusPill tone="ok" icon="shield">
            {t('users.secondFactorOn')}
          </StatusPill>
        ) : (
          <span className="soft">{t('users.secondFactorOff')}</span>
        ),
    },
    { id: 'state', title: t('users.state'), cell: (user) => <Activity user={user} /> },
    {
      id: 'seen',
      title: t('users.lastSeen'),
      cell: (user) => (
        <span className="numbers">{user.last_seen_at ? formatDayTime(user.last_seen_at) : t('users.never')}</span>
      ),
    },
    {
      id: 'actions',
      title: t('users.actions'),
      titleHidden: true,
      cell: (user) => (
        <MenuButton
          iconOnly
          label={t('users.actionsFor', { name: user.name })}
          actions={[
            { id: 'edit', label: t('edit'), icon: 'edit', run: () => onOpen({ what: 'edit', user }) },
            { id: 'link', label: t('users.newLink'), icon: 'key', run: () => onOpen({ what: 'link', user }) },
            {
              id: 'sessions',
              label: t('users.sessions'),
              icon: 'monitor',
              run: () => onOpen({ what: 'sessions', user }),
            },
            {
              id: 'reset',
              label: t('users.resetFactor'),
              icon: 'shield',
              isDisabled: !user.second_factor,
              run: () => onOpen({ what: 'reset', user }),
            },
            user.active
              ? {
                  id: 'off',
                  label: t('users.deactivate'),
                  icon: 'lock',
                  danger: true,
                  isDisabled: user.id === self,
                  run: () => onOpen({ what: 'deactivate', user }),
                }
              : {
                  id: 'on',
                  label: t('users.activate'),
                  icon: 'check',
                  run: () => activate.mutate({ user, active: true }),
                },
          ]}
        />
      ),
    },
  ];
  return (
    <>
      {activate.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={activate.error} />
        </Banner>
      )}
      <DataTable
        caption={t('users.count', { count: users.length })}
        columns={columns}
        rows={users}
        rowKey={(user) => user.id}
        stacks
      />
    </>
  );
}

function Activity({ user }: { user: User }): ReactElement {
  const { t } = useTranslation('admin');
  return user.active ? (
    <StatusPill tone="ok">{t('users.active')}</StatusPill>
  ) : (
    <StatusPill icon="lock">{t('users.inactive')}</StatusPill>
  );
}

function UserDialogs({ open, onOpen }: { open: Open | null; onOpen(open: Open | null): void }): ReactElement | null {
  const close = (): void => onOpen(null);
  switch (open?.what) {
    case undefined:
      return null;
    case 'add':
      return <UserDialog user={null} onClose={close} onLink={(user, link) => onOpen({ what: 'handed', user, link })} />;
    case 'edit':
      return <UserDialog user={open.user} onClose={close} />;
    case 'deactivate':
      return <Deactivate user={open.user} onClose={close} />;
    case 'link':
      return (
        <NewLink
          user={open.user}
          onClose={close}
          onLink={(link) => onOpen({ what: 'handed', user: open.user, link })}
        />
      );
    case 'sessions':
      return <UserSessions user={open.user} onClose={close} />;
    case 'reset':
      return <ResetSecondFactor user={open.user} onClose={close} />;
    case 'handed':
      return <Handed user={open.user} link={open.link} onClose={close} />;
  }
}

function Deactivate({ user, onClose }: { user: User; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const activation = useActivation(onClose);
  return (
    <Dialog
      title={t('users.deactivateTitle', { name: user.name })}
      role="alertdialog"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button
            kind="danger"
            isPending={activation.isPending}
            onPress={() => activation.mutate({ user, active: false })}
          >
            {t('users.deactivate')}
          </Button>
        </>
      }
    >
      <p>{t('users.deactivateBody')}</p>
      {activation.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={activation.error} />
        </Banner>
      )}
    </Dialog>
  );
}

function NewLink(props: { user: User; onClose(): void; onLink(link: string): void }): ReactElement {
  const { user, onClose, onLink } = props;
  const { t } = useTranslation('admin');
  const make = useMutation({
    mutationFn: () => post<{ password_link: string }>(`/admin/users/${encodeURIComponent(user.id)}/password-link`),
    onSuccess: (answer) => onLink(answer.password_link),
  });
  return (
    <Dialog
      title={t('users.newLinkTitle', { name: user.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button kind="primary" isPending={make.isPending} onPress={() => make.mutate()}>
            {t('users.newLinkDo')}
          </Button>
        </>
      }
    >
      <p>{t('users.newLinkBody')}</p>
      {make.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={make.error} />
        </Banner>
      )}
    </Dialog>
  );
}

function Handed({ user, link, onClose }: { user: User; link: string; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const title = t('users.linkTitle', { name: user.name });
  return (
    <Dialog title={title} isOpen onClose={onClose} actions={<Button onPress={onClose}>{t('close')}</Button>}>
      <p>{t('users.linkBody', { name: user.name })}</p>
      <CopyBox
        label={title}
        text={link}
        copy={t('users.copy')}
        copied={t('users.copied')}
        failed={t('users.copyFailed')}
      />
    </Dialog>
  );
}

function useActivation(
  onDone: () => void,
): ReturnType<typeof useMutation<unknown, Error, { user: User; active: boolean }>> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ user, active }) => patch<unknown>(`/admin/users/${encodeURIComponent(user.id)}`, { active }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin', 'users'] });
      onDone();
    },
  });
}

function answers(user: User, filter: string): boolean {
  const text = [user.name, user.login, user.registration, user.organization?.name].join(' ').toLocaleLowerCase();
  return filter
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
