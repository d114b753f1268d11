import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Button } from '../../design';
import { FlowCard } from './FlowCard';
import { ListFilters } from './ListFilters';
import { MessageRows } from './MessageRows';
import { MessagesHead } from './MessagesHead';
import { Pages, usePages } from './Pages';
import { ReplayBar } from './ReplayBar';
import { Strangers } from './Strangers';
import { type Filter, NO_FILTER, isFiltered } from './filters';
import { INCOMING, MESSAGES_KEY, type MessageLine, type MessageState, STATES } from './messages';
import { useFlow, useSenders } from './requests';

/** `/admin/messages`: how messages of other systems flow, who is not known, and every message, newest first. */
export default function MessagesPage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const isReading = useIsFetching({ queryKey: [...MESSAGES_KEY, 'list'] }) > 0;
  const flow = useFlow();
  const senders = useSenders().data ?? [];
  const filter = INCOMING.filterOf(search);
  const narrow = (to: Filter<MessageState>): void => setSearch(INCOMING.searchOf(to, search), { replace: true });
  return (
    <>
      <MessagesHead explain={t('explain')}>
        <Button icon="refresh" isPending={isReading} onPress={() => void queries.invalidateQueries({ queryKey: MESSAGES_KEY })}>
          {t('refresh')}
        </Button>
      </MessagesHead>
      <FlowCard
        words="flow"
        flow={flow}
        standing={({ failed }) => [
          { term: t('flow.waiting'), count: failed, isBad: true, onShow: () => narrow({ ...NO_FILTER, state: 'failed' }) },
        ]}
      />
      <Strangers />
      <ListFilters
        filter={filter}
        onChange={narrow}
        states={STATES.map((id) => ({ id, label: t(`state_.${id}`) }))}
        peers={{ label: t('filter.sender'), all: t('filter.allSenders'), options: senders }}
      />
      <List key={INCOMING.queryOf(filter, null)} filter={filter} search={search.toString()} />
    </>
  );
}

function List({ filter, search }: { filter: Filter<MessageState>; search: string }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const senders = useSenders().data;
  const pages = usePages<MessageLine>([...MESSAGES_KEY, 'list', filter], (before) => `/admin/messages${INCOMING.queryOf(filter, before)}`);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const lines = pages.data?.pages.flatMap(({ messages }) => messages) ?? [];
  const sentBy = (id: string): string | undefined => senders?.find((one) => one.id === id)?.name;
  // One whose sender was removed cannot be tried; until they are read, nobody was removed.
  const isTriable = (sender: string): boolean => !senders || sentBy(sender) !== undefined;
  const waiting = lines.filter((line) => line.state === 'failed' && isTriable(line.sender_id)).map(({ id }) => id);
  return (
    <Pages
      pages={pages}
      isNarrowed={isFiltered(filter)}
      empty={{ title: t('list.empty'), hint: t('list.emptyHint') }}
      bar={<ReplayBar waiting={waiting} chosen={waiting.filter((id) => chosen.has(id))} onChoose={setChosen} />}
    >
      <MessageRows lines={lines} senders={senders ?? null} chosen={chosen} onChoose={setChosen} search={search} />
    </Pages>
  );
}
