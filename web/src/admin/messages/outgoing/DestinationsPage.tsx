import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { del, post } from '../../../api/client';
import { Banner, Button, Empty, ErrorText, Failure, Loading } from '../../../design';
import { MenuButton } from '../../../design/MenuButton';
import { EditDialog } from '../../EditDialog';
import { MessagesHead } from '../MessagesHead';
import { DestinationDialog } from './DestinationDialog';
import { DestinationRows } from './DestinationRows';
import { DestinationState, listOf } from './DestinationState';
import { DESTINATIONS_KEY, type Destination, EVENTS } from './destinations';
import { OUTGOING_KEY } from './outgoing';
import { useDestinations } from './requests';

type Open = { what: 'add' } | { what: 'edit' | 'remove'; destination: Destination };

/** `/admin/messages/destinations`: which systems are told of what happens here, and how that goes. */
export default function DestinationsPage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [open, setOpen] = useState<Open | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const destinations = useDestinations();
  const command = useCommand(setDone);
  const start = (what: Open): void => {
    setDone(null);
    setOpen(what);
  };
  return (
    <>
      <MessagesHead explain={t('destinations.explain')}>
        <Button kind="primary" icon="plus" onPress={() => start({ what: 'add' })}>
          {t('destinations.add')}
        </Button>
      </MessagesHead>
      {done && (
        <Banner tone="ok" live="status">
          {done}
        </Banner>
      )}
      {command.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={command.error} />
        </Banner>
      )}
      {destinations.isPending && <Loading />}
      {destinations.isError && <Failure error={destinations.error} onRetry={() => void destinations.refetch()} />}
      {destinations.data?.length === 0 && <NoDestinations />}
      {!!destinations.data?.length && (
        <DestinationRows
          destinations={destinations.data}
          stateOf={(destination) => (
            <DestinationState
              destination={destination}
              now={destinations.dataUpdatedAt}
              isTrying={command.isPending && command.variables.destination.id === destination.id && command.variables.what === 'try'}
              onTry={() => command.mutate({ what: 'try', destination })}
            />
          )}
          actionsOf={(destination) => (
            <Actions destination={destination} onOpen={start} onPause={(what) => command.mutate({ what, destination })} />
          )}
        />
      )}
      {open && open.what !== 'remove' && (
        <DestinationDialog
          destination={open.what === 'edit' ? open.destination : null}
          onClose={() => setOpen(null)}
          onSaved={(name) => setDone(t('destinations.saved', { name }))}
        />
      )}
      {open?.what === 'remove' && (
        <RemoveDestination
          destination={open.destination}
          onClose={() => setOpen(null)}
          onDone={(name) => setDone(t('destinations.removed', { name }))}
        />
      )}
    </>
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
      const at = `/admin/destinations/${encodeURIComponent(id)}`;
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

interface ActionsProps {
  destination: Destination;
  onOpen(open: Open): void;
  onPause(what: 'pause' | 'resume'): void;
}

function Actions({ destination, onOpen, onPause }: ActionsProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const navigate = useNavigate();
  const { id, name, state } = destination;
  const pause = state.paused ? 'resume' : 'pause';
  return (
    <MenuButton
      iconOnly
      label={t('senders.actionsFor', { name })}
      actions={[
        { id: 'edit', label: t('senders.edit'), icon: 'edit', run: () => onOpen({ what: 'edit', destination }) },
        { id: 'pause', label: t(`destinations.${pause}`), icon: state.paused ? 'play' : 'pause', run: () => onPause(pause) },
        { id: 'messages', label: t('senders.messages'), icon: 'swap', run: () => void navigate(listOf(id)) },
        { id: 'remove', label: t('senders.remove'), icon: 'trash', danger: true, run: () => onOpen({ what: 'remove', destination }) },
      ]}
    />
  );
}

interface RemoveDestinationProps {
  destination: Destination;
  onClose(): void;
  onDone(name: string): void;
}

function RemoveDestination({ destination: { id, name, state }, onClose, onDone }: RemoveDestinationProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => del(`/admin/destinations/${encodeURIComponent(id)}`),
    onSuccess: async () => {
      // What waited for it was dropped.
      await Promise.all([DESTINATIONS_KEY, OUTGOING_KEY].map((queryKey) => queries.invalidateQueries({ queryKey })));
      onDone(name);
      onClose();
    },
  });
  return (
    <EditDialog
      title={t('senders.removeTitle', { name })}
      onClose={onClose}
      save={remove}
      onSubmit={() => remove.mutate()}
      submit={t('senders.remove')}
      danger
    >
      <p>{t('destinations.removeBody')}</p>
      {state.waiting > 0 && (
        <Banner tone="danger">{t(state.waiting_many ? 'destinations.removeMany' : 'destinations.removeWaiting', { count: state.waiting })}</Banner>
      )}
    </EditDialog>
  );
}
