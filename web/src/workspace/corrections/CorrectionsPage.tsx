import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty, Failure, Loading, Page } from '../../design';
import { CorrectionCard } from './CorrectionCard';
import { type Correction, following, useCorrections } from './corrections';
import '../workspace.css';
import './corrections.css';

/** `/corrections`: results that were corrected after one had seen them, until each is acknowledged. */
export default function CorrectionsPage(): ReactElement {
  const { t } = useTranslation('workspace');
  const corrections = useCorrections();
  const list = corrections.data ?? [];
  const { none, goOn } = useGoingOn(list);
  return (
    <Page title={t('corrections.title')} lead={list.length > 0 && t('corrections.lead')}>
      {corrections.isPending && <Loading />}
      {corrections.isError && <Failure error={corrections.error} onRetry={() => void corrections.refetch()} />}
      {corrections.data?.length === 0 && (
        <div ref={none} tabIndex={-1}>
          <Empty icon="check-circle" title={t('corrections.empty.title')}>
            {t('corrections.empty.body')}
          </Empty>
        </div>
      )}
      {list.map((correction, index) => (
        <CorrectionCard
          key={correction.id}
          correction={correction}
          place={index + 1}
          count={list.length}
          onSeen={() => goOn(correction)}
        />
      ))}
    </Page>
  );
}

/** Moves the focus from a correction that leaves the list to the one that follows, or to the words that none is left. */
function useGoingOn(list: Correction[]): { none: { current: HTMLDivElement | null }; goOn(from: Correction): void } {
  const none = useRef<HTMLDivElement>(null);
  const [move, setMove] = useState<{ from: string; to: string | null } | null>(null);
  useEffect(() => {
    if (!move || list.some(({ id }) => id === move.from)) return;
    setMove(null);
    const target = move.to === null ? none.current : document.getElementById(`correction-${move.to}`);
    target?.focus();
  }, [move, list]);
  return { none, goOn: ({ id }) => setMove({ from: id, to: following(list, id)?.id ?? null }) };
}
