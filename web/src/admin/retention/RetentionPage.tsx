import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Button, Card, Failure, Loading } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime } from '../../format';
import { useSession } from '../../api/session';
import { Holds } from './Holds';
import { KeptRecordings } from './KeptRecordings';
import { PeriodDialog } from './PeriodDialog';
import { RETENTION_KEY, type Retention } from './retention';

/** `/admin/retention`: how long records are kept, which are kept for longer, and how one is destroyed. */
export default function RetentionPage(): ReactElement {
  const { t } = useTranslation('admin');
  const first = useSession().data?.session?.first_tenant ?? true;
  const retention = useQuery({ queryKey: RETENTION_KEY, queryFn: () => get<Retention>('/admin/retention') });
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('retention.heading')}</h2>
          <p className="soft">{t('retention.explain')}</p>
        </div>
      </div>
      {retention.isPending && <Loading />}
      {retention.isError && <Failure error={retention.error} onRetry={() => void retention.refetch()} />}
      {retention.data && <Period retention={retention.data} />}
      <Holds />
      <KeptRecordings />
      <Card title={t('retention.shred')} level={3}>
        <div className="stack">
          <p>{t('retention.shredExplain')}</p>
          <p>
            <code className="long-id">bianque shred {first ? '' : '--tenant N '}--patient ID --reason TEXT</code>
          </p>
        </div>
      </Card>
    </>
  );
}

type Decision = Retention['history'][number];

function Period({ retention }: { retention: Retention }): ReactElement {
  const { t } = useTranslation('admin');
  const [editing, setEditing] = useState(false);
  const columns: Column<Decision>[] = [
    { id: 'at', title: t('retention.at'), heads: true, cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    { id: 'years', title: t('retention.years'), figure: true, cell: (row) => row.years },
    { id: 'by', title: t('retention.by'), cell: (row) => row.by ?? t('retention.operator') },
    { id: 'reason', title: t('retention.reason'), cell: (row) => row.reason },
  ];
  return (
    <Card
      title={t('retention.period')}
      level={3}
      aside={
        <Button icon="edit" onPress={() => setEditing(true)}>
          {t('retention.change')}
        </Button>
      }
    >
      <div className="stack">
        <p>
          <strong>{t('retention.kept', { count: retention.years })}</strong> {t('retention.least', { count: retention.least })}
        </p>
        {retention.history.length > 0 && (
          <DataTable
            caption={t('retention.history')}
            rows={retention.history}
            rowKey={(row) => row.at}
            stacks
            columns={columns}
          />
        )}
      </div>
      {editing && <PeriodDialog retention={retention} onClose={() => setEditing(false)} />}
    </Card>
  );
}
