import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Banner, Card, Facts, Failure, Loading, StatusPill } from '../../design';
import { CopyBox } from '../../design/CopyBox';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime, formatNumber } from '../../format';
import type { Generation, Keys } from './keys';

/** `/admin/keys`: which keys there are and since when, and how the master key is replaced. No key is shown. */
export default function KeysPage(): ReactElement {
  const { t } = useTranslation('admin');
  const keys = useQuery({
    queryKey: ['admin', 'keys'],
    queryFn: () => get<Keys>('/admin/keys'),
    refetchOnWindowFocus: false,
  });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('keys.heading')}</h2>
          <p className="soft">{t('keys.explain')}</p>
        </div>
      </div>
      {keys.isPending && <Loading />}
      {keys.isError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data && <All keys={keys.data} />}
    </>
  );
}

function All({ keys }: { keys: Keys }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <>
      <Master keys={keys} />
      <Card title={t('keys.rotate')} level={3}>
        <div className="stack">
          <p>{t('keys.rotateExplain')}</p>
          <CopyBox
            label={t('keys.command')}
            text={keys.rotate}
            copy={t('keys.copy')}
            copied={t('keys.copied')}
            failed={t('keys.copyFailed')}
          />
          <p className="soft small">{t('keys.rotateTime', { count: keys.master.subjects, subjects: formatNumber(keys.master.subjects) })}</p>
        </div>
      </Card>
      <Card title={t('keys.signing')} level={3}>
        <Facts
          items={keys.signing.map((one) => [
            t(`keys.for.${one.for}`),
            <>
              <code className="long-id">{one.id}</code> <span className="soft">{one.algorithm}</span>
            </>,
          ])}
        />
      </Card>
    </>
  );
}

function Master({ keys: { master } }: { keys: Keys }): ReactElement {
  const { t } = useTranslation('admin');
  const { source } = master;
  const columns: Column<Generation>[] = [
    { id: 'name', title: t('keys.name'), heads: true, cell: (row) => <code className="long-id">{row.name}</code> },
    { id: 'state', title: t('keys.state'), cell: (row) => <State generation={row} /> },
    { id: 'since', title: t('keys.since'), cell: (row) => <span className="numbers">{formatDayTime(row.since)}</span> },
    {
      id: 'until',
      title: t('keys.until'),
      cell: (row) => <span className="numbers">{row.replaced_at ? formatDayTime(row.replaced_at) : '–'}</span>,
    },
  ];
  return (
    <Card title={t('keys.master')} level={3}>
      <div className="stack">
        {master.rotating && (
          <Banner tone="info" live="status">
            {t('keys.rotating', { behind: formatNumber(master.behind), subjects: formatNumber(master.subjects) })}
          </Banner>
        )}
        {source.kind === 'file' && source.in_data && <Banner tone="warn">{t('keys.inData')}</Banner>}
        <Facts
          items={[
            [t('keys.source'), source.kind === 'file' ? t('keys.file', { name: source.name }) : t('keys.ofCommand', { program: source.program })],
            [t('keys.subjects'), <span className="numbers">{formatNumber(master.subjects)}</span>],
            [t('keys.behind'), <span className="numbers">{formatNumber(master.behind)}</span>],
          ]}
        />
        <DataTable caption={t('keys.generations')} rows={master.generations} rowKey={(row) => row.name} stacks columns={columns} />
      </div>
    </Card>
  );
}

function State({ generation }: { generation: Generation }): ReactElement {
  const { t } = useTranslation('admin');
  return generation.current ? <StatusPill tone="ok">{t('keys.current')}</StatusPill> : <StatusPill icon="lock">{t('keys.past')}</StatusPill>;
}
