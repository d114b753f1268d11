import type { TFunction } from 'i18next';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Button, Empty, Failure, Loading } from '../../design';
import { formatDayTime } from '../../format';
import { reachedAt } from './filters';

interface Page<Line> {
  messages: Line[];
  next: string | null;
}

/** Pages as they are asked for. Each reading is audited, so nothing is read again by itself. */
export function usePages<Line>(key: readonly unknown[], addressOf: (before: string | null) => string) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => get<Page<Line>>(addressOf(pageParam)),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

interface PagesProps {
  pages: ReturnType<typeof usePages>;
  isNarrowed: boolean;
  /** What is said where nothing is, and nothing was searched for. */
  empty: { title: string; hint: string };
  /** What is done with several of them. */
  bar: ReactNode;
  /** The lines, where there are any. */
  children: ReactNode;
}

/** A list that goes on behind what is shown: lines, none, or why they could not be read. */
export function Pages({ pages, isNarrowed, empty, bar, children }: PagesProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const isEmpty = pages.data?.pages.every(({ messages }) => messages.length === 0);
  const next = pages.data?.pages.at(-1)?.next;
  return (
    <>
      {pages.isPending && <Loading />}
      {bar}
      {isEmpty && (
        <Empty icon="swap" title={!isNarrowed && !next ? empty.title : nothingFound(t, next)}>
          {!isNarrowed && empty.hint}
        </Empty>
      )}
      {isEmpty === false && children}
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
function nothingFound(t: TFunction<'hl7v2'>, next: string | null | undefined): string {
  return next ? t('list.noneYet', { at: formatDayTime(reachedAt(next)) }) : t('list.noMatch');
}
