import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Banner, Button, Empty, Failure, Loading, Page } from '../../design';
import { Parts } from '../../design/Parts';
import { CompareDialog } from './CompareDialog';
import { Merges } from './Merges';
import { PairCard } from './PairCard';
import { Refused } from './Refused';
import type { IdentityPair, IdentityPairs } from './messages';
import './identity.css';

type Part = 'open' | 'merges';

/** `/identity`: records that contradict, or that may be one person's, and the merges of late. */
export default function IdentityPage(): ReactElement {
  const { t } = useTranslation('identity');
  const [part, setPart] = useState<Part>('open');
  const [done, setDone] = useState<string | null>(null);
  return (
    <Page title={t('title')} lead={t('lead')}>
      {done && (
        <Banner tone="ok" live="status">
          {done}
        </Banner>
      )}
      <Parts<Part>
        label={t('parts')}
        alwaysTabs
        selected={part}
        onSelect={setPart}
        parts={[
          { id: 'open', label: t('open.title'), content: <Open onDone={setDone} /> },
          { id: 'merges', label: t('merges.title'), content: <Merges onDone={setDone} /> },
        ]}
      />
    </Page>
  );
}

function Open({ onDone }: { onDone(words: string): void }): ReactElement {
  const { t } = useTranslation('identity');
  const [compared, setCompared] = useState<IdentityPair | null>(null);
  const found = useInfiniteQuery({
    queryKey: ['identity', 'pairs'],
    queryFn: ({ pageParam }) =>
      get<IdentityPairs>(`/patients/pairs${pageParam ? `?after=${encodeURIComponent(pageParam)}` : ''}`),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (found.isPending) return <Loading />;
  if (found.isError && !found.data) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  const pairs = found.data.pages.flatMap((page) => page.pairs);
  const refused = found.data.pages.flatMap((page) => page.refused);
  if (pairs.length + refused.length === 0)
    return (
      <Empty icon="check-circle" title={t('empty.title')}>
        {t('empty.body')}
      </Empty>
    );
  return (
    <div className="identity-list">
      {found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {pairs.map((pair) => (
        <PairCard key={pair.id} pair={pair} onCompare={() => setCompared(pair)} />
      ))}
      {refused.map((one) => (
        <Refused key={one.id} refused={one} onDone={onDone} />
      ))}
      {found.hasNextPage && (
        <Button isPending={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      {compared && <CompareDialog pair={compared} onClose={() => setCompared(null)} onDone={onDone} />}
    </div>
  );
}
