import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Card, Failure, Loading } from '../../design';
import { formatNumber, formatTime } from '../../format';
import { CamePlot, WaitPlot } from './FlowPlots';
import { FATES, type Fate, type Slot, highestOf, longestOf, slotsOf, totalsOf } from './flow';
import { COUNTED } from './messages';
import { useFlow } from './requests';

const SPANS = [6, 24] as const;
const MINUTES_OF_SLOT = { 6: 5, 24: 20 } as const;

/** How many messages wait for somebody, how many came of late, and how long they waited for their answers. */
export function FlowCard({ onShowWaiting }: { onShowWaiting(): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [hours, setHours] = useState<(typeof SPANS)[number]>(6);
  const flow = useFlow();
  return (
    <Card
      title={t('flow.heading')}
      level={3}
      aside={
        <div role="group" aria-label={t('flow.hours')} className="row messages-spans">
          {SPANS.map((span) => (
            <Button key={span} kind="quiet" aria-pressed={span === hours} onPress={() => setHours(span)}>
              {t(`flow.last_${span}`)}
            </Button>
          ))}
        </div>
      }
    >
      {flow.isPending && <Loading />}
      {flow.isError && <Failure error={flow.error} onRetry={() => void flow.refetch()} />}
      {flow.data && (
        <>
          <Figures slots={slotsOf(flow.data, flow.dataUpdatedAt, hours)} waiting={flow.data.failed} onShowWaiting={onShowWaiting} />
          <Plots slots={slotsOf(flow.data, flow.dataUpdatedAt, hours)} minutes={MINUTES_OF_SLOT[hours]} />
          <p className="soft small">{t('flow.since')}</p>
        </>
      )}
    </Card>
  );
}

function Figures({ slots, waiting, onShowWaiting }: { slots: readonly Slot[]; waiting: number; onShowWaiting(): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const totals = totalsOf(slots);
  return (
    <dl className="messages-figures">
      <div data-tone={waiting > 0 ? 'warn' : undefined}>
        <dt>{t('flow.waiting')}</dt>
        <dd>
          {waiting >= COUNTED ? t('flow.waitingMany', { count: COUNTED }) : formatNumber(waiting)}
          {waiting > 0 && (
            <Button kind="quiet" icon="arrow-right" onPress={onShowWaiting}>
              {t('flow.showWaiting')}
            </Button>
          )}
        </dd>
      </div>
      {FATES.map((fate) => (
        <div key={fate}>
          <dt>{t(`flow.fate.${fate}`)}</dt>
          <dd>{formatNumber(totals[fate])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Plots({ slots, minutes }: { slots: readonly Slot[]; minutes: number }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const write = (ms: number): string =>
    ms < 1000 ? t('flow.ms', { value: formatNumber(ms) }) : t('flow.seconds', { value: formatNumber(ms / 1000, 1) });
  const highest = highestOf(slots);
  const [median, most] = [longestOf(slots, 'p50_ms'), longestOf(slots, 'p95_ms')];
  const came = highest === 0 ? t('flow.cameNone') : t('flow.cameWords', { ...written(totalsOf(slots)), highest: formatNumber(highest), minutes });
  const waits = median === null || most === null ? t('flow.waitNone') : t('flow.waitWords', { median: write(median), most: write(most) });
  return (
    <div className="messages-plots">
      <figure>
        <figcaption>
          {t('flow.came')}
          <Key of={['good', 'bad']} words={[t('flow.key.applied'), t('flow.key.bad')]} />
        </figcaption>
        <CamePlot slots={slots} highest={highest} summary={came} />
        <Times slots={slots} />
        <p className="soft small">{came}</p>
      </figure>
      <figure>
        <figcaption>
          {t('flow.wait')}
          <Key of={['median', 'most']} words={[t('flow.waitKey.median'), t('flow.waitKey.most')]} />
        </figcaption>
        <WaitPlot slots={slots} longest={most ?? 0} summary={waits} />
        <Times slots={slots} />
        <p className="soft small">{waits}</p>
      </figure>
    </div>
  );
}

function written(totals: Record<Fate, number>): Record<string, string> {
  return Object.fromEntries(FATES.map((fate) => [fate, formatNumber(totals[fate])]));
}

function Key({ of, words }: { of: readonly string[]; words: readonly string[] }): ReactElement {
  return (
    <span className="plot-key small">
      {of.map((look, at) => (
        <span key={look}>
          <span className="plot-swatch" data-look={look} aria-hidden="true" /> {words[at]}
        </span>
      ))}
    </span>
  );
}

/** The axis: when it begins, its middle, and now. The summary says the rest. */
function Times({ slots }: { slots: readonly Slot[] }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const at = (place: number): string => formatTime(slots[place]?.at ?? 0);
  return (
    <div className="plot-times small soft numbers" aria-hidden="true">
      <span>{at(0)}</span>
      <span>{at(slots.length / 2)}</span>
      <span>{t('flow.nowEnd')}</span>
    </div>
  );
}
