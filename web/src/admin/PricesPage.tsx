import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import type { Money, Price } from '../api/messages';
import { Button, Empty, Failure, Loading, StatusPill } from '../design';
import { DataTable } from '../design/DataTable';
import { formatMoney } from '../format';
import { nameIn } from '../i18n';
import { PriceDialog } from './PriceDialog';

/** Visit types with what the patient pays and what quality is worked out with. */
export default function PricesPage(): ReactElement {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<{ price: Price | null } | null>(null);
  const prices = useQuery({
    queryKey: ['admin', 'prices'],
    queryFn: async () => (await get<{ prices: Price[] }>('/admin/prices')).prices,
  });
  const amount = (money: Money | null): ReactElement =>
    money ? <>{formatMoney(money)}</> : <span className="soft">{t('prices.notSet')}</span>;
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('prices.heading')}</h2>
          <p className="soft">{t('prices.explain')}</p>
        </div>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ price: null })}>
          {t('prices.add')}
        </Button>
      </div>
      {prices.isPending && <Loading />}
      {prices.isError && <Failure error={prices.error} onRetry={() => void prices.refetch()} />}
      {prices.data?.length === 0 && <Empty icon="document" title={t('prices.empty')} />}
      {prices.data && prices.data.length > 0 && (
        <DataTable
          caption={t('prices.heading')}
          captionHidden
          rows={prices.data}
          rowKey={(row) => row.code}
          stacks
          columns={[
            {
              id: 'name',
              title: t('prices.name'),
              heads: true,
              cell: (row) => (
                <>
                  {nameIn(row.name)}
                  <div className="small soft">{row.code}</div>
                </>
              ),
            },
            { id: 'minutes', title: t('prices.minutes'), figure: true, cell: (row) => row.minutes },
            { id: 'price', title: t('prices.price'), figure: true, cell: (row) => formatMoney(row.price) },
            { id: 'cost', title: t('prices.cost'), figure: true, cell: (row) => amount(row.cost) },
            { id: 'reference', title: t('prices.reference'), figure: true, cell: (row) => amount(row.reference_cost) },
            {
              id: 'active',
              title: t('prices.state'),
              cell: (row) =>
                row.active ? (
                  <StatusPill tone="ok">{t('prices.active')}</StatusPill>
                ) : (
                  <StatusPill icon="lock">{t('prices.inactive')}</StatusPill>
                ),
            },
            {
              id: 'edit',
              title: t('edit'),
              titleHidden: true,
              cell: (row) => (
                <Button kind="quiet" icon="edit" iconOnly onPress={() => setOpen({ price: row })}>
                  {t('prices.editTitle', { name: nameIn(row.name) })}
                </Button>
              ),
            },
          ]}
        />
      )}
      {open && <PriceDialog price={open.price} onClose={() => setOpen(null)} />}
    </>
  );
}
