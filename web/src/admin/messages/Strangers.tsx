import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Card } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime, formatNumber } from '../../format';
import { SenderDialog } from './SenderDialog';
import type { Stranger } from './flow';
import { useFlow, useSenders } from './requests';
import { callsItself, newSender, stillUnknown } from './senders';

/** Who sent and is not known, and the way to make a sender of one. Without any there is nothing to see. */
export function Strangers(): ReactElement | null {
  const { t } = useTranslation(['hl7v2', 'peers', 'errors']);
  const flow = useFlow().data;
  const senders = useSenders().data;
  const [making, setMaking] = useState<Stranger | null>(null);
  const [saved, setSaved] = useState<string | null>(null);
  const strangers = flow && senders ? stillUnknown(flow.strangers, senders) : [];
  return (
    <>
      {saved && (
        <Banner tone="ok" live="status">
          {t('peers:saved', { name: saved })}
        </Banner>
      )}
      {strangers.length > 0 && (
        <Card title={t('strangers.heading')} level={3}>
          <p className="soft">{t('strangers.explain')}</p>
          <Table strangers={strangers} onMake={setMaking} />
        </Card>
      )}
      {making && (
        <SenderDialog
          peer={null}
          begin={newSender({
            name: [making.application, making.facility].filter(Boolean).join(' '),
            application: making.application,
            facility: making.application && making.facility,
            addresses: [making.address],
          })}
          onClose={() => setMaking(null)}
          onSaved={setSaved}
        />
      )}
    </>
  );
}

function Table({ strangers, onMake }: { strangers: readonly Stranger[]; onMake(stranger: Stranger): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const name = (text: string): ReactElement =>
    text ? <code className="long-id">{text}</code> : <span className="soft">{t('strangers.unnamed')}</span>;
  const columns: Column<Stranger>[] = [
    { id: 'application', title: t('strangers.application'), heads: true, cell: (one) => name(one.application) },
    { id: 'facility', title: t('strangers.facility'), cell: (one) => name(one.facility) },
    { id: 'address', title: t('strangers.address'), cell: (one) => <code className="long-id">{one.address}</code> },
    { id: 'times', title: t('strangers.times'), figure: true, cell: (one) => formatNumber(one.times) },
    { id: 'last', title: t('strangers.last'), cell: (one) => <span className="numbers">{formatDayTime(one.last_at)}</span> },
    {
      id: 'make',
      title: t('strangers.make'),
      titleHidden: true,
      cell: (one) => (
        <Button icon="plus" aria-label={t('strangers.makeOf', { name: callsItself(one) || t('strangers.unnamed') })} onPress={() => onMake(one)}>
          {t('strangers.make')}
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      caption={t('strangers.heading')}
      captionHidden
      columns={columns}
      rows={strangers}
      rowKey={(one) => `${callsItself(one)} ${one.address}`}
      stacks
    />
  );
}
