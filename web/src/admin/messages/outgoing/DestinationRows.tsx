import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill } from '../../../design';
import { type Column, DataTable } from '../../../design/DataTable';
import { AddressCell, NameCell } from '../../peers/cells';
import { isOpenToAll } from '../../peers/peers';
import { type Destination, eventsWith } from './destinations';

interface DestinationRowsProps {
  destinations: readonly Destination[];
  stateOf(destination: Destination): ReactNode;
  actionsOf(destination: Destination): ReactNode;
}

/** Destinations as a table: where each is, what it is told, and how it goes. */
export function DestinationRows({ destinations, stateOf, actionsOf }: DestinationRowsProps): ReactElement {
  const { t } = useTranslation(['hl7v2', 'peers']);
  const columns: Column<Destination>[] = [
    {
      id: 'name',
      title: t('peers:name'),
      heads: true,
      cell: (peer) => <NameCell {...peer} />,
    },
    { id: 'address', title: t('peers:address'), cell: (destination) => <Where destination={destination} /> },
    { id: 'told', title: t('destinations.told'), cell: (destination) => <Told destination={destination} /> },
    { id: 'state', title: t('state'), cell: stateOf },
    { id: 'actions', title: t('peers:actions'), titleHidden: true, cell: actionsOf },
  ];
  return (
    <DataTable
      caption={t('destinations.count', { count: destinations.length })}
      columns={columns}
      rows={destinations}
      rowKey={({ id }) => id}
      stacks
    />
  );
}

function Where({ destination }: { destination: Destination }): ReactElement {
  const { t } = useTranslation('peers');
  const { host, port, plain, certificate } = destination;
  return (
    <div className="peer-stack">
      <AddressCell host={host} port={port} {...(!plain && { certificate })} />
      {isOpenToAll(destination) && <StatusPill tone="warn">{t('risk.plain')}</StatusPill>}
    </div>
  );
}

function Told({ destination: { events, notes } }: { destination: Destination }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <ul className="peer-list">
      {eventsWith(notes)
        .filter((event) => events.includes(event))
        .map((event) => (
          <li key={event}>{t(event === 'ORU' && notes === 'result' ? 'destinations.event.withNotes' : `destinations.event.${event}`)}</li>
        ))}
    </ul>
  );
}
