import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityOverVisits } from '../api/messages';
import { formatFigure } from '../format';

/** How many visits stand behind the figures, and how many have none. */
export function Counts({ data }: { data: QualityOverVisits }): ReactElement {
  const { t } = useTranslation('quality');
  const { chart } = data;
  const signals = chart?.points.filter((point) => point.signals.length > 0).length ?? 0;
  const counts: [word: string, value: string, tone?: 'warn' | undefined][] = [
    ['computed', String(data.points.length - data.not_computed.count)],
    ['without', String(data.not_computed.count)],
    ['failed', String(data.failed)],
    ['abandoned', String(data.abandoned)],
    ['noShows', String(data.no_shows)],
    ['centre', typeof chart?.centre === 'number' ? formatFigure(Math.exp(chart.centre)) : '–'],
    ['signals', String(signals), signals > 0 ? 'warn' : undefined],
  ];
  const reasons = Object.entries(data.not_computed.reasons);
  return (
    <section aria-label={t('counts.label')} className="stack">
      <dl className="counts">
        {counts.map(([word, value, tone]) => (
          <div className="count" key={word} data-tone={tone}>
            <dt>{t(`counts.${word}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {reasons.length > 0 && (
        <p className="soft">
          {t('counts.reasons', {
            count: data.not_computed.count,
            reasons: reasons.map(([reason, count]) => `${t([`reason.${reason}`, reason])} (${count})`).join(' · '),
          })}
        </p>
      )}
    </section>
  );
}
