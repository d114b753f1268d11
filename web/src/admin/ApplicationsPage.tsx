import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { Application } from '../api/messages';
import '../applications/applications.css';
import { Button, Empty, Failure, Loading, StatusPill } from '../design';
import { type Column, DataTable } from '../design/DataTable';
import { MenuButton } from '../design/MenuButton';
import { ApplicationDialog } from './ApplicationDialog';
import { ApplicationGrants } from './ApplicationGrants';
import { Handed, NewSecret, SwitchOff, useSwitch } from './ApplicationState';

export type Open =
  | { what: 'add' }
  | { what: 'edit' | 'off' | 'secret' | 'grants'; application: Application }
  | { what: 'handed'; application: Application; secret: string | null };

/** Programs of others that may ask for records over FHIR. */
export default function ApplicationsPage(): ReactElement {
  const { t } = useTranslation('applications');
  const [open, setOpen] = useState<Open | null>(null);
  const applications = useQuery({
    queryKey: ['admin', 'applications'],
    queryFn: async () => (await get<{ applications: Application[] }>('/admin/applications')).applications,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('heading')}</h2>
          <p className="soft">{t('explain')}</p>
        </div>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ what: 'add' })}>
          {t('add')}
        </Button>
      </div>
      {applications.isPending && <Loading />}
      {applications.isError && <Failure error={applications.error} onRetry={() => void applications.refetch()} />}
      {applications.data?.length === 0 && <Empty icon="external" title={t('empty')} />}
      {!!applications.data?.length && <Table applications={applications.data} onOpen={setOpen} />}
      <Dialogs open={open} onOpen={setOpen} />
    </>
  );
}

function Table(props: { applications: Application[]; onOpen(open: Open): void }): ReactElement {
  const { t } = useTranslation('applications');
  const columns: Column<Application>[] = [
    {
      id: 'name',
      title: t('name'),
      heads: true,
      cell: (one) => (
        <>
          {one.name}
          <div className="small soft">{t(`kind.${one.kind}`)}</div>
        </>
      ),
    },
    { id: 'id', title: t('clientId'), cell: (one) => <code className="small application-id">{one.id}</code> },
    {
      id: 'scopes',
      title: t('scopes'),
      cell: (one) => (
        <span className="application-scopes">
          {one.scopes.map((scope) => (
            <code key={scope} className="small">
              {scope}
            </code>
          ))}
        </span>
      ),
    },
    {
      id: 'state',
      title: t('state'),
      cell: (one) =>
        one.active ? <StatusPill tone="ok">{t('active')}</StatusPill> : <StatusPill icon="lock">{t('inactive')}</StatusPill>,
    },
    {
      id: 'actions',
      title: t('actions'),
      titleHidden: true,
      cell: (one) => <Actions application={one} onOpen={props.onOpen} />,
    },
  ];
  return (
    <DataTable
      caption={t('count', { count: props.applications.length })}
      columns={columns}
      rows={props.applications}
      rowKey={(one) => one.id}
      stacks
    />
  );
}

function Actions({ application, onOpen }: { application: Application; onOpen(open: Open): void }): ReactElement {
  const { t } = useTranslation('applications');
  const activate = useSwitch(() => undefined);
  return (
    <MenuButton
      iconOnly
      label={t('actionsFor', { name: application.name })}
      actions={[
        { id: 'edit', label: t('edit'), icon: 'edit', run: () => onOpen({ what: 'edit', application }) },
        {
          id: 'grants',
          label: t('grants.open'),
          icon: 'users',
          isDisabled: application.kind === 'service',
          run: () => onOpen({ what: 'grants', application }),
        },
        {
          id: 'secret',
          label: t('newSecret'),
          icon: 'key',
          isDisabled: application.kind !== 'confidential-secret',
          run: () => onOpen({ what: 'secret', application }),
        },
        application.active
          ? { id: 'off', label: t('off'), icon: 'lock', danger: true, run: () => onOpen({ what: 'off', application }) }
          : { id: 'on', label: t('on'), icon: 'check', run: () => activate.mutate({ application, active: true }) },
      ]}
    />
  );
}

function Dialogs({ open, onOpen }: { open: Open | null; onOpen(open: Open | null): void }): ReactElement | null {
  const close = (): void => onOpen(null);
  const hand = (application: Application, secret: string | null): void =>
    onOpen({ what: 'handed', application, secret });
  switch (open?.what) {
    case undefined:
      return null;
    case 'add':
      return <ApplicationDialog application={null} onClose={close} onMade={hand} />;
    case 'edit':
      return <ApplicationDialog application={open.application} onClose={close} />;
    case 'off':
      return <SwitchOff application={open.application} onClose={close} />;
    case 'secret':
      return <NewSecret application={open.application} onClose={close} onMade={hand} />;
    case 'grants':
      return <ApplicationGrants application={open.application} onClose={close} />;
    case 'handed':
      return <Handed application={open.application} secret={open.secret} onClose={close} />;
  }
}
