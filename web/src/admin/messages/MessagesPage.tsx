import { useInfiniteQuery, useIsFetching, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { get } from '../../api/client';
import { Button, Empty, Failure, Loading } from '../../design';
import { formatDayTime } from '../../format';
import { FlowCard } from './FlowCard';
import { MessageFilters } from './MessageFilters';
import { MessageRows } from './MessageRows';
import { MessagesHead } from './MessagesHead';
import { ReplayBar } from './ReplayBar';
import { Strangers } from './Strangers';
import { type Filter, MESSAGES_KEY, type MessagesAnswer, NO_FILTER, filterOf, isFiltered, queryOf, reachedAt, searchOf } from './messages';
import { useSenders } from './requests';

/** `/admin/messages`: how messages of other systems flow, who is not known, and every message, newest first. */
export default function MessagesPage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const isReading = useIsFetching({ queryKey: [...MESSAGES_KEY, 'list'] }) > 0;
  const filter = filterOf(search);
  const narrow = (to: Filter): void => setSearch(searchOf(to, search), { replace: true });
  return (
    <>
      <MessagesHead explain={t('explain')}>
        <Button icon="refresh" isPending={isReading} onPress={() => void queries.invalidateQueries({ queryKey: MESSAGES_KEY })}>
          {t('refresh')}
        </Button>
      </MessagesHead>
      <FlowCard onShowWaiting={() => narrow({ ...NO_FILTER, state: 'failed' })} />
      <Strangers />
      <MessageFilters filter={filter} onChange={narrow} />
      <List key={queryOf(filter, null)} filter={filter} search={search.toString()} />
    </>
  );
}

function List({ filter, search }: { filter: Filter; search: string }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const senders = useSenders().data;
  const pages = usePages(filter);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const lines = pages.data?.pages.flatMap(({ messages }) => messages) ?? [];
  const next = pages.data?.pages.at(-1)?.next;
  const sentBy = (id: string): string | undefined => senders?.find((one) => one.id === id)?.name;
  // One whose sender was removed cannot be tried; until they are read, nobody was removed.
  const isTriable = (sender: string): boolean => !senders || sentBy(sender) !== undefined;
  const waiting = lines.filter((line) => line.state === 'failed' && isTriable(line.sender_id)).map(({ id }) => id);
  const narrowed = isFiltered(filter);
  return (
    <>
      {pages.isPending && <Loading />}
      <ReplayBar waiting={waiting} chosen={waiting.filter((id) => chosen.has(id))} onChoose={setChosen} />
      {pages.data && lines.length === 0 && (
        <Empty icon="swap" title={emptyTitle(t, narrowed, next)}>
          {!narrowed && t('list.emptyHint')}
        </Empty>
      )}
      {lines.length > 0 && (
        <MessageRows lines={lines} senders={senders ?? null} chosen={chosen} onChoose={setChosen} search={search} />
      )}
      {pages.isError && <Failure error={pages.error} onRetry={() => void (pages.data ? pages.fetchNextPage() : pages.refetch())} />}
      {next && !pages.isError && (
        <Button wide isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {t('list.older', { at: formatDayTime(reachedAt(next)) })}
        </Button>
      )}
    </>
  );
}

/** A search for few among many ends somewhere and goes on when it is asked to. */
function emptyTitle(t: TFunction<'hl7v2'>, narrowed: boolean, next: string | null | undefined): string {
  if (next) return t('list.noneYet', { at: formatDayTime(reachedAt(next)) });
  return t(narrowed ? 'list.noMatch' : 'list.empty');
}

/** Pages as they are asked for. Each reading is audited, so nothing is read again by itself. */
function usePages(filter: Filter) {
  return useInfiniteQuery({
    queryKey: [...MESSAGES_KEY, 'list', filter],
    queryFn: ({ pageParam }) => get<MessagesAnswer>(`/admin/messages${queryOf(filter, pageParam)}`),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
