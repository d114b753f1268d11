import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { post } from '../../../api/client';
import { Banner, Empty } from '../../../design';
import { PeerList } from '../../peers/PeerList';
import { MessagesHead } from '../MessagesHead';
import { DestinationDialog } from './DestinationDialog';
import { DestinationRows } from './DestinationRows';
import { DestinationState, listOf } from './DestinationState';
import { DESTINATIONS_AT, DESTINATIONS_KEY, type Destination, EVENTS } from './destinations';
import { OUTGOING_KEY } from './outgoing';
import { useDestinations } from './requests';

/** `/admin/messages/destinations`: which systems are told of what happens here, and how that goes. */
export default function DestinationsPage(): ReactElement {
  const { t } = useTranslation(['hl7v2', 'peers']);
  const [said, setSaid] = useState<string | null>(null);
  const navigate = useNavigate();
  const destinations = useDestinations();
  const command = useCommand(setSaid);
  const isTried = ({ id }: Destination): boolean =>
    command.isPending && command.variables.destination.id === id && command.variables.what === 'try';
  return (
    <PeerList<Destination>
      peers={destinations}
      head={(add) => <MessagesHead explain={t('destinations.explain')}>{add}</MessagesHead>}
      add={t('destinations.add')}
      said={said}
      onSay={setSaid}
      fault={command.error}
      empty={<NoDestinations />}
      rows={(all, actionsOf) => (
        <DestinationRows
          destinations={all}
          stateOf={(destination) => (
            <DestinationState
              destination={destination}
              now={destinations.dataUpdatedAt}
              isTrying={isTried(destination)}
              onTry={() => command.mutate({ what: 'try', destination })}
            />
          )}
          actionsOf={actionsOf}
        />
      )}
      more={(destination) => {
        const pause = destination.state.paused ? 'resume' : 'pause';
        const icon = destination.state.paused ? 'play' : 'pause';
        return [
          { id: 'pause', label: t(`destinations.${pause}`), icon, run: () => command.mutate({ what: pause, destination }) },
          { id: 'messages', label: t('peers:messages'), icon: 'swap', run: () => void navigate(listOf(destination.id)) },
        ];
      }}
      dialog={(props) => <DestinationDialog {...props} />}
      // What waited for it is dropped.
      removal={({ state }) => ({ at: DESTINATIONS_AT, changes: [DESTINATIONS_KEY, OUTGOING_KEY], warning: <Removed state={state} /> })}
    />
  );
}

interface Command {
  what: 'pause' | 'resume' | 'try';
  destination: Destination;
}

/** What is done with one at once, and the words in which it is said. */
function useCommand(done: (words: string | null) => void) {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ what, destination: { id } }: Command) => {
      const at = `${DESTINATIONS_AT}/${encodeURIComponent(id)}`;
      return what === 'try' ? post(`${at}/try`) : post(`${at}/pause`, { paused: what === 'pause' });
    },
    onMutate: () => done(null),
    onSuccess: (_, { what, destination: { name } }) => done(t(`destinations.done.${what}`, { name })),
    onSettled: () => queries.invalidateQueries({ queryKey: DESTINATIONS_KEY }),
  });
}

/** What a destination is, for those who have none. */
function NoDestinations(): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Empty icon="send" title={t('destinations.empty')}>
      <div className="destination-none">
        <p>{t('destinations.emptyHint')}</p>
        <ul>
          {EVENTS.map((event) => (
            <li key={event}>
              <strong>{t('fault.because', { what: t(`to.event.${event}`) })}</strong>
              {t(`to.event.${event}Hint`)}
            </li>
          ))}
        </ul>
      </div>
    </Empty>
  );
}

/** What is lost with a destination. */
function Removed({ state }: Pick<Destination, 'state'>): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <>
      <p>{t('destinations.removeBody')}</p>
      {state.waiting > 0 && (
        <Banner tone="danger">{t(state.waiting_many ? 'destinations.removeMany' : 'destinations.removeWaiting', { count: state.waiting })}</Banner>
      )}
    </>
  );
}
