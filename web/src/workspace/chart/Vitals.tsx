import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart, Measured } from '../../api/chart';
import { Button, Card } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDate, formatDayTime, formatNumber } from '../../format';
import { Folded } from './Entries';
import { Plot } from './Plot';
import { Flags, MeasuredValue } from './Value';
import { type Plot as PlotOf, isOfLaboratory, measurementsOf, rangeWords, reportedIn, rowsOf, unitWord } from './measured';
import { useCodeWord } from './words';

/** Rows of a table before one asks for more. */
const FEW = 4;

/** What was measured: a plot for each thing in each unit, its values beside it, and what no plot can have. */
export function Vitals({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('record');
  const reported = reportedIn(chart.reports);
  const { plots, asSent, inError } = measurementsOf(chart.observations.filter((one) => !isOfLaboratory(one, reported)));
  const several = new Set(plots.map(({ code }) => code).filter((code, index, all) => all.indexOf(code) !== index));
  return (
    <Card title={t('vitals.title')} level={3}>
      {plots.length === 0 && asSent.length === 0 && <p className="soft">{t('vitals.none')}</p>}
      <div className="plots">
        {plots.map((plot) => (
          <PlotCard key={plot.key} plot={plot} isOneOfSeveral={several.has(plot.code)} />
        ))}
      </div>
      {asSent.length > 0 && <AsSent values={asSent} />}
      <InError values={inError} />
    </Card>
  );
}

function PlotCard({ plot, isOneOfSeveral }: { plot: PlotOf; isOneOfSeveral: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const word = useCodeWord();
  const [all, setAll] = useState(false);
  const rows = rowsOf(plot);
  const name = word(plot);
  const title = t('vitals.inUnit', { name, unit: plot.unit || plot.ucum });
  type Row = (typeof rows)[number];
  const columns: Column<Row>[] = [
    { id: 'when', title: t('vitals.when'), heads: true, cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    ...plot.lines.map((line, index) => ({
      id: line.code,
      title: plot.lines.length > 1 ? word(line) : t('vitals.value'),
      figure: true,
      cell: (row: Row) => {
        const measured = row.values[index];
        return measured ? (
          <>
            <Flags measured={measured} /> <MeasuredValue measured={measured} unit={false} />
          </>
        ) : (
          '–'
        );
      },
    })),
  ];
  const newest = rows[0];
  return (
    <section className="plot-card" aria-label={title}>
      <header>
        <h4>{title}</h4>
        {newest && (
          <p className="plot-newest numbers">
            <strong>{newest.values.map((one) => (typeof one?.value === 'number' ? formatNumber(one.value, 6) : '–')).join(' / ')}</strong>{' '}
            {plot.unit} <span className="soft small">{formatDate(new Date(newest.at).toISOString())}</span>
          </p>
        )}
      </header>
      {isOneOfSeveral && <p className="small soft">{t('vitals.several')}</p>}
      <Plot plot={plot} />
      {plot.lines.length > 1 && (
        <p className="plot-legend small">
          {plot.lines.map((line, index) => (
            <span key={line.code} data-line={index}>
              {index === 0 ? '●' : '■'} {word(line)}
            </span>
          ))}
        </p>
      )}
      {plot.range && (
        <p className="small soft">
          {t('vitals.band', {
            range: rangeWords({ range: { ...plot.range, text: null }, unit: plot.unit }, (value) => formatNumber(value, 6)),
          })}
        </p>
      )}
      <DataTable
        caption={t('vitals.valuesOf', { name: title })}
        captionHidden
        columns={columns}
        rows={all ? rows : rows.slice(0, FEW)}
        rowKey={(row) => row.at + row.values.map((one) => one?.id).join()}
        {...(all && { maxHeight: 280 })}
      />
      {rows.length > FEW && (
        <Button kind="quiet" icon={all ? 'minus' : 'plus'} aria-expanded={all} onPress={() => setAll(!all)}>
          {all ? t('vitals.fewer') : t('vitals.all', { count: rows.length })}
        </Button>
      )}
    </section>
  );
}

/** Values that cannot be compared: shown as they were sent, and joined with nothing. */
function AsSent({ values }: { values: Measured[] }): ReactElement {
  const { t } = useTranslation('record');
  const word = useCodeWord();
  const columns: Column<Measured>[] = [
    { id: 'what', title: t('vitals.what'), heads: true, cell: (one) => nameOf(word, one) },
    { id: 'value', title: t('vitals.value'), cell: (one) => <MeasuredValue measured={one} /> },
    { id: 'when', title: t('vitals.when'), cell: (one) => <span className="numbers">{one.at ? formatDayTime(one.at) : t('vitals.noTime')}</span> },
    { id: 'why', title: t('vitals.why'), cell: (one) => <span className="small soft">{t(`whyNot.${whyNot(one)}`, { unit: one.unit })}</span> },
  ];
  return (
    <section className="as-sent" aria-label={t('vitals.asSent')}>
      <h4>{t('vitals.asSent')}</h4>
      <p className="small soft">{t('vitals.asSentLead')}</p>
      <DataTable caption={t('vitals.asSent')} captionHidden columns={columns} rows={values} rowKey={(one) => one.id} stacks />
    </section>
  );
}

function whyNot(one: Measured): string {
  if (typeof one.value !== 'number') return 'number';
  if (one.comparator) return 'comparator';
  if (!one.unit) return 'noUnit';
  if (one.ucum === null) return 'unit';
  return 'time';
}

function InError({ values }: { values: Measured[] }): ReactElement | null {
  const { t } = useTranslation('record');
  const word = useCodeWord();
  return (
    <Folded
      struck
      label={(count) => t('inError', { count })}
      shown={values.map((one) => ({
        id: one.id,
        name: one.text,
        resource: 'Observation',
        main: nameOf(word, one),
        details: [[`${String(one.value)} ${unitWord(one.unit)}`, one.at && formatDayTime(one.at)].filter(Boolean).join(' · ')],
      }))}
    />
  );
}

function nameOf(word: ReturnType<typeof useCodeWord>, one: Measured): string {
  const own = word({ ...one, name: one.text });
  return one.panel ? `${word({ system: one.system, code: one.panel.code, name: one.panel.text })}: ${own}` : own;
}
