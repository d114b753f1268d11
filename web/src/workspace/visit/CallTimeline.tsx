import type { CSSProperties, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityStep, QualityWindow, Rung } from '../../api/messages';
import { Card } from '../../design';
import { formatTime, formatTimeWithSeconds } from '../../format';
import type { Measured } from './QualityPart';
import { type Lane, type Sounded, type Stretch, lanesOf, spanOf } from './timeline';
import './timeline.css';

const RUNGS: readonly Rung[] = ['udp', 'tcp', 'relay', 'sound', 'none'];
const SOUNDED: readonly Sounded[] = ['well', 'fairly', 'badly'];

/** Who was connected when, by what, and how it sounded: one lane for each. */
export function CallTimeline(props: {
  windows: readonly QualityWindow[];
  steps: readonly QualityStep[];
  among: readonly Measured[];
}): ReactElement | null {
  const { t } = useTranslation('workspace');
  const lanes = lanesOf(props.windows, props.steps);
  if (lanes.length === 0) return null;
  const { from, to } = spanOf(lanes);
  const nameOf = (id: string): string => props.among.find((person) => person.id === id)?.name ?? id;
  const seen = new Set(lanes.flatMap((lane) => lane.ways.map(({ what }) => what)));
  const heard = new Set(lanes.flatMap((lane) => lane.sounded.map(({ what }) => what)));
  return (
    <Card title={t('quality.timeline.title')} level={2}>
      <div className="timeline">
        {lanes.map((lane) => (
          <LaneRow key={lane.participant} lane={lane} name={nameOf(lane.participant)} from={from} to={to} />
        ))}
        <div className="timeline-axis numbers" aria-hidden="true">
          <span>{formatTime(from)}</span>
          <span>{formatTime(to)}</span>
        </div>
      </div>
      <ul className="timeline-legend small soft">
        {RUNGS.filter((rung) => seen.has(rung)).map((rung) => (
          <li key={rung}>
            <span className="timeline-key" data-way={rung} aria-hidden="true" />
            {t(`quality.steps.rung.${rung}`)}
          </li>
        ))}
        {SOUNDED.filter((how) => heard.has(how)).map((how) => (
          <li key={how}>
            <span className="timeline-key" data-sounded={how} aria-hidden="true" />
            {t(`quality.timeline.${how}`)}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function LaneRow({ lane, name, from, to }: { lane: Lane; name: string; from: number; to: number }): ReactElement {
  const { t } = useTranslation('workspace');
  const place = (stretch: { from: number; to: number }): CSSProperties => ({
    insetInlineStart: `${(100 * (stretch.from - from)) / (to - from)}%`,
    inlineSize: `${(100 * (stretch.to - stretch.from)) / (to - from)}%`,
  });
  const summary = [t('quality.timeline.connected', { time: duration(lane.connectedMs) })];
  if (lane.breaks > 0) summary.push(t('quality.timeline.breaks', { count: lane.breaks, time: duration(lane.brokenMs) }));
  return (
    <section className="timeline-lane" aria-label={name}>
      <div className="timeline-head">
        <span className="timeline-name">{name}</span>
        <span className="soft small numbers">{summary.join(' · ')}</span>
      </div>
      {/* What is drawn stands in words beside it, and in full in the tables below. */}
      <div className="timeline-bar" aria-hidden="true">
        {lane.ways.map((way) => (
          <span key={way.from} className="timeline-way" data-way={way.what} style={place(way)} title={titleOf(way, t(`quality.steps.rung.${way.what}`))} />
        ))}
        {lane.steps.map((at) => (
          <span key={at} className="timeline-step" style={{ insetInlineStart: `${(100 * (at - from)) / (to - from)}%` }} />
        ))}
      </div>
      {lane.sounded.length > 0 && (
        <div className="timeline-sound" aria-hidden="true">
          {lane.sounded.map((sound) => (
            <span key={sound.from} data-sounded={sound.what} style={place(sound)} title={titleOf(sound, t(`quality.timeline.${sound.what}`))} />
          ))}
        </div>
      )}
    </section>
  );
}

function titleOf(stretch: Stretch<unknown>, words: string): string {
  return `${formatTimeWithSeconds(stretch.from)}–${formatTimeWithSeconds(stretch.to)} ${words}`;
}

/** Minutes and seconds, as on a clock. */
function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
