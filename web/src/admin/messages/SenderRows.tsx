import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Column, DataTable } from '../../design/DataTable';
import { Codes } from '../peers/Codes';
import { FromCell, NameCell, RisksCell } from '../peers/cells';
import { type Sender, callsItself, risksOf } from './senders';

/** Senders as a table, with what is risky about each. */
export function SenderRows({ senders, actions }: { senders: readonly Sender[]; actions(sender: Sender): ReactNode }): ReactElement {
  const { t } = useTranslation(['hl7v2', 'peers']);
  const columns: Column<Sender>[] = [
    {
      id: 'name',
      title: t('peers:name'),
      heads: true,
      cell: (peer) => <NameCell {...peer} />,
    },
    { id: 'calls', title: t('senders.callsItself'), cell: (sender) => <CallsItself sender={sender} /> },
    {
      id: 'kinds',
      title: t('senders.may'),
      cell: ({ kinds }) =>
        kinds.length === 0 ? <span className="soft">{t('senders.allKinds')}</span> : <Codes of={kinds} />,
    },
    { id: 'from', title: t('peers:from'), cell: (peer) => <FromCell {...peer} /> },
    { id: 'risks', title: t('peers:risks'), cell: (sender) => <RisksCell risks={risksOf(sender)} /> },
    { id: 'actions', title: t('peers:actions'), titleHidden: true, cell: actions },
  ];
  return (
    <DataTable caption={t('senders.count', { count: senders.length })} columns={columns} rows={senders} rowKey={({ id }) => id} stacks />
  );
}

function CallsItself({ sender }: { sender: Sender }): ReactElement {
  const { t } = useTranslation('hl7v2');
  if (sender.application === '') return <>{t('senders.whoever')}</>;
  return (
    <>
      <code className="long-id">{callsItself(sender)}</code>
      {sender.facility === '' && <div className="small soft">{t('senders.anyFacility')}</div>}
    </>
  );
}
