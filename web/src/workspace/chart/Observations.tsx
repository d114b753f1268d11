import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../api/messages';
import { Button, Card } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDay, formatDayTime } from '../../format';
import { Trend } from './Trend';
import { type Series, seriesOf, unitWord } from './observations';

/** The newest value of each kind with its course; all values on demand. */
export function Observations({ observations }: { observations: Chart['observations'] }): ReactElement {
  const { t } = useTranslation('workspace');
  const [shown, setShown] = useState<string | null>(null);
  const series = seriesOf(observations);
  const open = series.find((one) => one.code === shown);
  const columns: Column<Series>[] = [
    { id: 'what', title: t('chart.col.what'), heads: true, cell: (one) => one.name },
    {
      id: 'latest',
      title: t('chart.col.latest'),
      cell: (one) => <Value shown={one.readings.at(-1)?.shown ?? ''} unit={one.unit} />,
    },
    {
      id: 'when',
      title: t('chart.col.when'),
      cell: (one) => <span className="numbers">{formatDay(one.readings.at(-1)?.at ?? '')}</span>,
    },
    {
      id: 'trend',
      title: t('chart.col.trend'),
      cell: (one) => <Trend readings={one.readings} label={trendLabel(t, one)} />,
    },
    {
      id: 'all',
      title: t('chart.col.all'),
      titleHidden: true,
      cell: (one) => (
        <Button
          kind="quiet"
          icon={shown === one.code ? 'minus' : 'plus'}
          iconOnly
          aria-expanded={shown === one.code}
          onPress={() => setShown(shown === one.code ? null : one.code)}
        >
          {shown === one.code ? t('chart.hideValues') : t('chart.showValues', { name: one.name })}
        </Button>
      ),
    },
  ];
  return (
    <Card title={t('chart.observations')}>
      {series.length === 0 ? (
        <p className="soft">{t('chart.noObservations')}</p>
      ) : (
        <DataTable
          caption={t('chart.observations')}
          captionHidden
          columns={columns}
          rows={series}
          rowKey={(one) => one.code}
          stacks
        />
      )}
      {open && (
        <DataTable
          caption={open.name}
          columns={[
            {
              id: 'when',
              title: t('chart.col.when'),
              heads: true,
              cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span>,
            },
            { id: 'value', title: t('chart.col.value'), cell: (row) => <Value shown={row.shown} unit={open.unit} /> },
          ]}
          rows={[...open.readings].reverse()}
          rowKey={(row) => row.at + row.shown}
          maxHeight={260}
        />
      )}
    </Card>
  );
}

export function Value({ shown, unit }: { shown: string; unit: string | null }): ReactElement {
  return (
    <span className="numbers value">
      <strong>{shown}</strong> <span className="soft small">{unitWord(unit)}</span>
    </span>
  );
}

function trendLabel(t: (key: string, values: Record<string, unknown>) => string, series: Series): string {
  return t('chart.trendOf', {
    name: series.name,
    count: series.readings.length,
    from: series.readings[0]?.shown,
    to: series.readings.at(-1)?.shown,
  });
}
