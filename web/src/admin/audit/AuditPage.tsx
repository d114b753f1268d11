import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { useSession } from '../../api/session';
import { Button, Empty, Failure, Loading } from '../../design';
import { formatDayTime } from '../../format';
import { AuditFilters } from './AuditFilters';
import { AuditRows } from './AuditRows';
import { AuditStanding } from './AuditStanding';
import { TakeAudit } from './TakeAudit';
import { type AuditPage as Page, type Filter, NO_FILTER, isFiltered, queryOf } from './audit';
import './audit.css';

/** `/admin/audit`: who did what to whose data, newest first, narrowed, a page at a time. */
export default function AuditPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [filter, setFilter] = useState<Filter>(NO_FILTER);
  const [taking, setTaking] = useState(false);
  // Its chains are of the machine, which is the first tenant's.
  const ofMachine = useSession().data?.session?.first_tenant ?? false;
  const pages = usePages(filter);
  const rows = pages.data?.pages.flatMap((page) => page.rows) ?? [];
  const reached = pages.data?.pages.at(-1)?.next;
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('audit.heading')}</h2>
          <p className="soft">{t('audit.explain')}</p>
        </div>
        <Button icon="download" onPress={() => setTaking(true)}>
          {t('audit.take')}
        </Button>
      </div>
      {ofMachine && <AuditStanding />}
      <AuditFilters filter={filter} onChange={setFilter} />
      {pages.isPending && <Loading />}
      {pages.data && rows.length === 0 && !pages.hasNextPage && (
        <Empty icon="shield" title={t(isFiltered(filter) ? 'audit.noMatch' : 'audit.empty')} />
      )}
      {rows.length > 0 && <AuditRows rows={rows} />}
      {pages.isError && <Failure error={pages.error} onRetry={() => void (pages.data ? pages.fetchNextPage() : pages.refetch())} />}
      {pages.hasNextPage && !pages.isError && (
        <Button wide isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {reached ? t('audit.older', { at: formatDayTime(reached.at) }) : t('audit.heading')}
        </Button>
      )}
      {taking && <TakeAudit filter={filter} onClose={() => setTaking(false)} />}
    </>
  );
}

/** Pages as they are asked for. One that holds nothing, because rows of that kind are rare, is gone on behind. */
function usePages(filter: Filter) {
  const pages = useInfiniteQuery({
    queryKey: ['admin', 'audit', filter],
    queryFn: ({ pageParam }) => get<Page>(`/admin/audit${queryOf(filter, pageParam)}`),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next?.before ?? null,
    // Who looks again wants what was added meanwhile; who only comes back to the window has not looked again.
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage } = pages;
  const isEmpty = pages.data?.pages.every((page) => page.rows.length === 0) ?? false;
  useEffect(() => {
    if (isEmpty && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [isEmpty, hasNextPage, isFetching, isError, fetchNextPage]);
  return pages;
}
