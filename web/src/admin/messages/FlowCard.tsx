import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Card, Failure, Loading } from '../../design';
import { formatNumber, formatTime } from '../../format';
import { CamePlot, WaitPlot } from './FlowPlots';
import { FATES, type Fate, type Flow, type Slot, highestOf, longOf, longestOf, slotsOf, totalsOf } from './flow';
import { COUNTED } from './messages';

const SPANS = [6, 24] as const;
const MINUTES_OF_SLOT = { 6: 5, 24: 20 } as const;

/** How many messages stand somewhere now, and the way to them. */
export interface Standing {
  term: string;
  count: number;
  /** Somebody should see to them. */
  isBad: boolean;
  onShow(): void;
}

interface FlowCardProps<F> {
  /** Which words tell of them: those of messages that came, or of those that go. */
  words: 'flow' | 'outflow';
  flow: UseQueryResult<F>;
  standing(flow: F): readonly Standing[];
}

/** How many messages stand somewhere, how many moved of late, and how long their answers took. */
export function FlowCard<F extends Pick<Flow, 'buckets'>>({ words, flow, standing }: FlowCardProps<F>): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [hours, setHours] = useState<(typeof SPANS)[number]>(6);
  const slots = flow.data && slotsOf(flow.data, flow.dataUpdatedAt, hours);
  return (
    <Card
      title={t('flow.heading')}
      level={3}
      aside={
        <div role="group" aria-label={t('flow.span')} className="row messages-spans">
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
      {flow.data && slots && (
        <>
          <Figures words={words} slots={slots} standing={standing(flow.data)} />
          <Plots words={words} slots={slots} minutes={MINUTES_OF_SLOT[hours]} />
          <p className="soft small">{t(`${words}.since`)}</p>
        </>
      )}
    </Card>
  );
}

interface FiguresProps {
  words: string;
  slots: readonly Slot[];
  standing: readonly Standing[];
}

function Figures({ words, slots, standing }: FiguresProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const totals = totalsOf(slots);
  return (
    <dl className="messages-figures" data-standing={standing.length}>
      {standing.map(({ term, count, isBad, onShow }) => (
        <div key={term} data-wide="" data-tone={isBad && count > 0 ? 'warn' : undefined}>
          <dt>{term}</dt>
          <dd>
            {count >= COUNTED ? t('flow.waitingMany', { count: COUNTED }) : formatNumber(count)}
            {count > 0 && (
              <Button kind="quiet" icon="arrow-right" aria-label={t('flow.showOf', { what: term })} onPress={onShow}>
                {t('flow.showWaiting')}
              </Button>
            )}
          </dd>
        </div>
      ))}
      {FATES.map((fate) => (
        <div key={fate}>
          <dt>{t(`${words}.fate.${fate}`)}</dt>
          <dd>{formatNumber(totals[fate])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Plots({ words, slots, minutes }: { words: string; slots: readonly Slot[]; minutes: number }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const write = (ms: number): string => {
    const { value, unit } = longOf(ms);
    return t(`flow.${unit}`, { value: formatNumber(value, 1) });
  };
  const highest = highestOf(slots);
  const [median, most] = [longestOf(slots, 'p50_ms'), longestOf(slots, 'p95_ms')];
  const came = highest === 0 ? t(`${words}.cameNone`) : t(`${words}.cameWords`, { ...written(totalsOf(slots)), highest: formatNumber(highest), minutes });
  const waits = median === null || most === null ? t(`${words}.waitNone`) : t(`${words}.waitWords`, { median: write(median), most: write(most) });
  return (
    <div className="messages-plots">
      <figure>
        <figcaption>
          {t(`${words}.came`)}
          <Key of={['good', 'bad']} words={[t(`${words}.key.applied`), t(`${words}.key.bad`)]} />
        </figcaption>
        <CamePlot slots={slots} highest={highest} summary={came} />
        <Times slots={slots} />
        <p className="soft small">{came}</p>
      </figure>
      <figure>
        <figcaption>
          {t(`${words}.wait`)}
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
