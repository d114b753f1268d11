import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../api/chart';
import type { Speaker } from '../../api/client';
import { Banner } from '../../design';
import { Allergies } from './Allergies';
import { Documents } from './Documents';
import { Medications } from './Medications';
import { Problems } from './Problems';
import { Results } from './Results';
import { Timeline } from './Timeline';
import { Vitals } from './Vitals';
import './chart.css';

export interface ChartViewProps {
  chart: Chart;
  as: Speaker;
  /** The visit that the reader is in, so that it is told apart from past ones. */
  visitId?: string;
  /** Consultants read this visit only and go to no other. */
  linksVisits?: boolean;
  /** Only what an examination is reported with; an empty list of anything else would say what is not known. */
  examinations?: boolean;
}

/** The patient's record: what can harm first, then what is known, then what was measured and what happened. */
export function ChartView({ chart, as, visitId, linksVisits, examinations }: ChartViewProps): ReactElement {
  const { t } = useTranslation('record');
  return (
    <div className="chart-grid">
      {chart.partial.length > 0 && (
        <div className="chart-wide">
          <Banner tone="warn" title={t('partial.title')}>
            {t('partial.body', { what: chart.partial.map((type) => t(`type.${type}`)).join(', ') })}
          </Banner>
        </div>
      )}
      <div id="part-allergies">
        <Allergies chart={chart} />
      </div>
      <div id="part-problems">
        <Problems chart={chart} />
      </div>
      {!examinations && (
        <div id="part-medications">
          <Medications chart={chart} />
        </div>
      )}
      <div className="chart-wide" id="part-vitals">
        <Vitals chart={chart} />
      </div>
      <div className="chart-wide" id="part-results">
        <Results chart={chart} />
      </div>
      <div className="chart-wide" id="part-documents">
        <Documents chart={chart} as={as} fetches={as === 'account' && !examinations} />
      </div>
      {!examinations && (
        <div className="chart-wide" id="part-visits">
          <Timeline chart={chart} visitId={visitId} linksVisits={linksVisits ?? false} />
        </div>
      )}
    </div>
  );
}
