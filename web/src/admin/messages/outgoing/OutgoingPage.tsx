import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Button } from '../../../design';
import { FlowCard } from '../FlowCard';
import { ListFilters } from '../ListFilters';
import { MessagesHead } from '../MessagesHead';
import { Pages, usePages } from '../Pages';
import { type Filter, NO_FILTER, isFiltered } from '../filters';
import { OutgoingRows } from './OutgoingRows';
import { ResendBar } from './ResendBar';
import { ASKED_STATES, type AskedState, OUTGOING, OUTGOING_KEY, type OutgoingLine, isResendable } from './outgoing';
import { useDestinations, useOutflow } from './requests';

/** `/admin/messages/outgoing`: how messages go to other systems, and every one, newest first. */
export default function OutgoingPage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const isReading = useIsFetching({ queryKey: [...OUTGOING_KEY, 'list'] }) > 0;
  const flow = useOutflow();
  const destinations = useDestinations().data ?? [];
  const filter = OUTGOING.filterOf(search);
  const narrow = (to: Filter<AskedState>): void => setSearch(OUTGOING.searchOf(to, search), { replace: true });
  return (
    <>
      <MessagesHead explain={t('outgoing.explain')}>
        <Button icon="refresh" isPending={isReading} onPress={() => void queries.invalidateQueries({ queryKey: OUTGOING_KEY })}>
          {t('refresh')}
        </Button>
      </MessagesHead>
      <FlowCard
        words="outflow"
        flow={flow}
        standing={({ waiting, refused }) => [
          { term: t('outflow.waiting'), count: waiting, isBad: false, onShow: () => narrow({ ...NO_FILTER, state: 'waiting' }) },
          { term: t('outflow.refused'), count: refused, isBad: true, onShow: () => narrow({ ...NO_FILTER, state: 'unsettled' }) },
        ]}
      />
      <ListFilters
        filter={filter}
        onChange={narrow}
        states={ASKED_STATES.map((id) => ({ id, label: t(`outgoing.state_.${id}`) }))}
        peers={{ label: t('outgoing.destination'), all: t('outgoing.allDestinations'), options: destinations }}
      />
      <List key={OUTGOING.queryOf(filter, null)} filter={filter} search={search.toString()} />
    </>
  );
}

function List({ filter, search }: { filter: Filter<AskedState>; search: string }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const destinations = useDestinations().data ?? null;
  const pages = usePages<OutgoingLine>([...OUTGOING_KEY, 'list', filter], (before) => `/admin/outgoing${OUTGOING.queryOf(filter, before)}`);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const lines = pages.data?.pages.flatMap(({ messages }) => messages) ?? [];
  // What was for a destination that was removed cannot go; until they are read, none was removed.
  const isThere = (line: OutgoingLine): boolean => destinations?.some(({ id }) => id === line.destination_id) ?? true;
  return (
    <Pages
      pages={pages}
      isNarrowed={isFiltered(filter)}
      empty={{ title: t('outgoing.empty'), hint: t('outgoing.emptyHint') }}
      bar={<ResendBar lines={lines.filter((line) => isResendable(line) && isThere(line))} chosen={chosen} onChoose={setChosen} />}
    >
      <OutgoingRows lines={lines} destinations={destinations} chosen={chosen} onChoose={setChosen} search={search} />
    </Pages>
  );
}
