import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { RecordAccess, RecordAccesses } from '../api/messages';
import { Button } from '../design/Button';
import { Page } from '../design/Page';
import { Empty, Failure, Loading, StatusPill } from '../design/surfaces';
import { formatDate, formatTime } from '../format';
import { useRoom } from '../visit/VisitRoom';
import { Back } from './Back';
import { type Grouped, accessWord, grouped, inEmergency, kindWord } from './accessWords';
import { pageFor } from './steps';
import './accesses.css';

/** `/v/:visit/accesses`: who has read the patient's record, newest first. */
export default function AccessesPage(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, visitId } = useRoom();
  const pages = useInfiniteQuery({
    queryKey: ['accesses', visitId],
    queryFn: ({ pageParam }) => readPage(visitId, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    // Who looks again wants what was added meanwhile.
    gcTime: 0,
  });
  const accesses = pages.data?.pages.flatMap((page) => page.accesses) ?? [];
  return (
    <Page
      title={t('accesses.title')}
      lead={t('accesses.lead')}
      before={<Back to={`../${pageFor(visit, undefined)}`} />}
      narrow
    >
      {pages.isPending && <Loading />}
      {pages.data && accesses.length === 0 && <Empty icon="eye" title={t('accesses.none')} />}
      <Days groups={grouped(accesses)} />
      {pages.isError && <Failure error={pages.error} onRetry={() => void retry(pages)} />}
      {pages.hasNextPage && !pages.isFetchNextPageError && (
        <Button wide isPending={pages.isFetchingNextPage} onPress={() => void pages.fetchNextPage()}>
          {t('accesses.older')}
        </Button>
      )}
      {pages.data && accesses.length > 0 && <p className="soft small">{t('accesses.question', { name: visit.organization.name })}</p>}
    </Page>
  );
}

function readPage(visitId: string, before: number | null): Promise<RecordAccesses> {
  const query = before === null ? '' : `?before=${before}`;
  return get<RecordAccesses>(`/visits/${encodeURIComponent(visitId)}/accesses${query}`, { as: 'visit' });
}

/** What failed is asked for again: the older page, or all of it. */
function retry(pages: { isFetchNextPageError: boolean; fetchNextPage(): unknown; refetch(): unknown }): unknown {
  return pages.isFetchNextPageError ? pages.fetchNextPage() : pages.refetch();
}

function Days({ groups }: { groups: Grouped[] }): ReactElement {
  const days = new Map<string, Grouped[]>();
  for (const group of groups) {
    const day = formatDate(group.access.at);
    days.set(day, [...(days.get(day) ?? []), group]);
  }
  return (
    <>
      {[...days].map(([day, entries]) => (
        <section key={day} className="accesses">
          <h2>{day}</h2>
          <ol className="card">
            {entries.map(({ access, times }, index) => (
              <Entry key={`${access.at}-${index}`} access={access} times={times} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function Entry({ access, times }: { access: RecordAccess; times: number }): ReactElement {
  const { t } = useTranslation('patient');
  const emergency = inEmergency(access);
  const who = access.kind === 'patient' ? t('accesses.you') : (access.who ?? access.application ?? t(`accesses.kind.${kindWord(access)}`));
  return (
    <li className="access" data-emergency={emergency || undefined}>
      <time className="numbers soft" dateTime={access.at}>
        {formatTime(access.at)}
      </time>
      <div className="access-text">
        {emergency && <StatusPill tone="danger">{t('accesses.emergency')}</StatusPill>}
        <p>
          <strong>{who}</strong>
          {access.organization && <span className="soft"> · {access.organization}</span>}
          {access.application && access.application !== who && <span className="soft"> · {access.application}</span>}
        </p>
        <p>
          {t(`accesses.did.${accessWord(access)}`)}
          {times > 1 && <span className="soft"> {t('accesses.times', { count: times })}</span>}
        </p>
        {access.reason && <p className="soft">{t('accesses.reason', { reason: access.reason })}</p>}
      </div>
    </li>
  );
}
