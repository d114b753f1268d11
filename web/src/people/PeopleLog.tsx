import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { PeopleLine } from '../api/messages';
import { Icon } from '../design/Icon';
import { Failure, Loading } from '../design/surfaces';
import { formatTime } from '../shell/when';
import { useRoom } from '../visit/VisitRoom';
import { languageName } from './languages';

/** What happened among the people of the visit, as the record keeps it. Read when it is opened. */
export function PeopleLog(): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const { visit, visitId } = useRoom();
  const [open, setOpen] = useState(false);
  const state = (visit.guests ?? []).map((guest) => guest.state).join();
  const log = useQuery({
    queryKey: ['people-log', visitId, state, visit.locked],
    queryFn: async () => (await get<{ log: PeopleLine[] }>(`/visits/${encodeURIComponent(visitId)}/people`)).log,
    enabled: open,
  });
  return (
    <details className="people-log" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="clock" size={18} />
        {t('log.title')}
      </summary>
      {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {open && log.isPending && <Loading />}
      {log.data?.length === 0 && <p className="soft">{t('log.empty')}</p>}
      <ol className="people-lines">
        {(log.data ?? []).map((line, index) => (
          <li key={`${line.at}${index}`}>
            <span className="numbers soft">{formatTime(line.at)}</span>
            <span>{t(`log.${line.what}`, { name: line.name, language: line.language ? languageName(line.language) : t('channel.original') })}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
