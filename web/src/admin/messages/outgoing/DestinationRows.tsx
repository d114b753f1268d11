import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill } from '../../../design';
import { type Column, DataTable } from '../../../design/DataTable';
import { useOrganizations } from '../requests';
import { type Destination, addressOf, eventsWith, isOpenToAll } from './destinations';

interface DestinationRowsProps {
  destinations: readonly Destination[];
  stateOf(destination: Destination): ReactNode;
  actionsOf(destination: Destination): ReactNode;
}

/** Destinations as a table: where each is, what it is told, and how it goes. */
export function DestinationRows({ destinations, stateOf, actionsOf }: DestinationRowsProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const organizations = useOrganizations();
  const columns: Column<Destination>[] = [
    {
      id: 'name',
      title: t('destinations.name'),
      heads: true,
      cell: ({ name, organization_id }) => (
        <>
          {name}
          <div className="small soft">{organizations.find(({ id }) => id === organization_id)?.name}</div>
        </>
      ),
    },
    { id: 'address', title: t('destinations.address'), cell: (destination) => <Address destination={destination} /> },
    { id: 'told', title: t('destinations.told'), cell: (destination) => <Told destination={destination} /> },
    { id: 'state', title: t('state'), cell: stateOf },
    { id: 'actions', title: t('destinations.actions'), titleHidden: true, cell: actionsOf },
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

function Address({ destination }: { destination: Destination }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { plain, certificate } = destination;
  return (
    <div className="destination-state">
      <code className="long-id">{addressOf(destination)}</code>
      {isOpenToAll(destination) && <StatusPill tone="warn">{t('senders.risk.plain')}</StatusPill>}
      {!plain && certificate && <span className="small soft">{t('senders.certificate', { begin: certificate.slice(0, 8) })}</span>}
    </div>
  );
}

function Told({ destination: { events, notes } }: { destination: Destination }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <ul className="destination-told">
      {eventsWith(notes)
        .filter((event) => events.includes(event))
        .map((event) => (
          <li key={event}>{t(event === 'ORU' && notes === 'result' ? 'destinations.event.withNotes' : `destinations.event.${event}`)}</li>
        ))}
    </ul>
  );
}
