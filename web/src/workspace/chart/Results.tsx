import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart, Measured, Report } from '../../api/chart';
import { Button, Card, StatusPill } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDate, formatDayTime, formatNumber } from '../../format';
import { Flags, MeasuredValue } from './Value';
import { isFlagged, isInError, rangeWords, resultsOf } from './measured';
import { useCodeWord, useWord } from './words';

/** Reports that are open at first. */
const OPEN = 1;

/** What laboratories and examinations say, report by report. */
export function Results({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('record');
  const { reports, loose } = resultsOf(chart);
  const standing = reports.filter(({ report }) => report.status !== 'entered-in-error');
  const error = reports.filter(({ report }) => report.status === 'entered-in-error');
  const [showError, setShowError] = useState(false);
  return (
    <Card title={t('results.title')} level={3}>
      {standing.length === 0 && loose.length === 0 && <p className="soft">{t('results.none')}</p>}
      {standing.map((one, index) => (
        <ReportPart key={one.report.id} {...one} opens={index < OPEN} />
      ))}
      {loose.length > 0 && (
        <section className="report">
          <h4>{t('results.loose')}</h4>
          <ResultTable name={t('results.loose')} results={loose} dated />
        </section>
      )}
      {error.length > 0 && (
        <div className="entries-folded" data-struck>
          <Button
            kind="quiet"
            icon={showError ? 'chevron-down' : 'chevron-right'}
            aria-expanded={showError}
            onPress={() => setShowError(!showError)}
          >
            {t('inError', { count: error.length })}
          </Button>
          {showError && error.map((one) => <ReportPart key={one.report.id} {...one} opens={false} />)}
        </div>
      )}
    </Card>
  );
}

interface ReportPartProps {
  report: Report;
  results: Measured[];
  missing: number;
  opens: boolean;
}

function ReportPart({ report, results, missing, opens }: ReportPartProps): ReactElement {
  const { t } = useTranslation('record');
  const word = useWord();
  const [open, setOpen] = useState(opens);
  const flagged = results.filter((one) => !isInError(one) && isFlagged(one)).length;
  const title = t('results.of', { name: report.text, date: report.at ? formatDate(report.at) : t('vitals.noTime') });
  return (
    <section className="report" aria-label={title}>
      <header className="report-head">
        <Button kind="quiet" icon={open ? 'chevron-down' : 'chevron-right'} aria-expanded={open} onPress={() => setOpen(!open)}>
          {title}
        </Button>
        <span className="row">
          {report.status !== 'final' && <StatusPill tone="warn">{word('reportStatus', report.status)}</StatusPill>}
          {flagged > 0 && (
            <StatusPill tone="warn" icon="flag">
              {t('results.flagged', { count: flagged })}
            </StatusPill>
          )}
        </span>
      </header>
      {open && (
        <>
          <p className="small soft">{[report.by, report.issued && t('results.issued', { date: formatDayTime(report.issued) })].filter(Boolean).join(' · ')}</p>
          {report.conclusion && <p className="report-conclusion">{report.conclusion}</p>}
          {results.length > 0 && <ResultTable name={title} results={results} />}
          {missing > 0 && <p className="small warn-text">{t('results.missing', { count: missing })}</p>}
        </>
      )}
    </section>
  );
}

function ResultTable({ name, results, dated }: { name: string; results: Measured[]; dated?: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const word = useCodeWord();
  const columns: Column<Measured>[] = [
    {
      id: 'what',
      title: t('vitals.what'),
      heads: true,
      cell: (one) => (isInError(one) ? <s>{word({ ...one, name: one.text })}</s> : word({ ...one, name: one.text })),
    },
    { id: 'value', title: t('vitals.value'), cell: (one) => (isInError(one) ? t('verification.entered-in-error') : <MeasuredValue measured={one} />) },
    { id: 'flag', title: t('results.flag'), cell: (one) => (one.flags.length > 0 ? <Flags measured={one} /> : '–') },
    { id: 'range', title: t('results.range'), cell: (one) => <span className="numbers soft">{rangeWords(one, (value) => formatNumber(value, 6))}</span> },
    ...(dated ? [{ id: 'when', title: t('vitals.when'), cell: (one: Measured) => <span className="numbers">{one.at ? formatDayTime(one.at) : ''}</span> }] : []),
  ];
  return <DataTable caption={name} captionHidden columns={columns} rows={results} rowKey={(one) => one.id} stacks />;
}
