import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Column, DataTable } from '../../design/DataTable';
import { AddressCell, FromCell, NameCell, RisksCell } from '../peers/cells';
import { type DicomPeer, rightsOf, risksOf } from './peers';

interface DicomPeerRowsProps {
  peers: readonly DicomPeer[];
  actions(peer: DicomPeer): ReactNode;
}

/** Devices and archives as a table: what each may, where images are sent to, and what is risky about it. */
export function DicomPeerRows({ peers, actions }: DicomPeerRowsProps): ReactElement {
  const { t } = useTranslation(['dicom', 'peers']);
  const columns: Column<DicomPeer>[] = [
    { id: 'name', title: t('peers:name'), heads: true, cell: (peer) => <NameCell {...peer} /> },
    {
      id: 'title',
      title: t('title'),
      cell: ({ title }) => (title === '' ? t('whoever') : <code className="small peer-whole">{title}</code>),
    },
    { id: 'may', title: t('may'), cell: (peer) => <May peer={peer} /> },
    { id: 'from', title: t('peers:from'), cell: (peer) => <FromCell {...peer} /> },
    {
      id: 'reached',
      title: t('reached'),
      cell: ({ host, port }) => (host === '' ? <span className="soft">{t('notReached')}</span> : <AddressCell host={host} port={port} />),
    },
    { id: 'risks', title: t('peers:risks'), cell: (peer) => <RisksCell risks={risksOf(peer)} words="dicom" /> },
    { id: 'actions', title: t('peers:actions'), titleHidden: true, cell: actions },
  ];
  return <DataTable caption={t('count', { count: peers.length })} columns={columns} rows={peers} rowKey={({ id }) => id} stacks />;
}

function May({ peer }: { peer: DicomPeer }): ReactElement {
  const { t } = useTranslation('dicom');
  const rights = rightsOf(peer);
  if (rights.length === 0) return <span className="soft">{t('nothing')}</span>;
  return (
    <ul className="peer-list">
      {rights.map((right) => (
        <li key={right}>{t(`right.${right}`)}</li>
      ))}
    </ul>
  );
}
