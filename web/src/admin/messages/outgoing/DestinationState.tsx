import { type ReactElement, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button, type IconName, StatusPill, type Tone } from '../../../design';
import { formatDayTime, formatNumber, formatTimeWithSeconds } from '../../../format';
import { type Destination, type Standing, standingOf } from './destinations';
import { OUTGOING } from './outgoing';
import { NO_FILTER } from '../filters';

const LOOKS: Record<Standing, { tone: Tone; icon: IconName }> = {
  paused: { tone: 'neutral', icon: 'pause' },
  failing: { tone: 'danger', icon: 'alert' },
  late: { tone: 'warn', icon: 'clock' },
  waiting: { tone: 'info', icon: 'send' },
  well: { tone: 'ok', icon: 'check-circle' },
  idle: { tone: 'neutral', icon: 'info' },
};

interface DestinationStateProps {
  destination: Destination;
  /** When the state was read. */
  now: number;
  isTrying: boolean;
  onTry(): void;
}

/** How it goes with a destination, in words: whether it answers, what waits, and what it did not take. */
export function DestinationState({ destination, now, isTrying, onTry }: DestinationStateProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { state, name, id } = destination;
  const standing = standingOf(state, now);
  const why = useId();
  return (
    <div className="peer-stack">
      <StatusPill {...LOOKS[standing]}>{t(`destinations.is.${standing}`)}</StatusPill>
      {state.failures > 0 && (
        <div id={why}>
          {state.error_code && (
            <div className="message-fault">
              <strong>{t('fault.because', { what: t('destinations.why') })}</strong>
              {t(`destinations.cause.${state.error_code}`, { said: state.error, defaultValue: state.error })}
            </div>
          )}
          <div className="soft small">{t('destinations.failures', { count: state.failures })}</div>
        </div>
      )}
      {state.waiting > 0 && <span>{waits(t, destination)}</span>}
      {standing === 'failing' && (
        <span className="row">
          {state.next_at && <span className="numbers">{t('destinations.nextTry', { at: formatTimeWithSeconds(state.next_at) })}</span>}
          <Button icon="refresh" aria-label={t('destinations.tryOf', { name })} aria-describedby={why} isPending={isTrying} onPress={onTry}>
            {t('destinations.try')}
          </Button>
        </span>
      )}
      {state.refused > 0 && (
        <Link to={listOf(id, 'unsettled')}>{t('destinations.refused', { count: state.refused, shown: formatNumber(state.refused) })}</Link>
      )}
      {state.last_at && <span className="soft small">{t('destinations.lastAt', { at: formatDayTime(state.last_at) })}</span>}
    </div>
  );
}

/** The address of its messages. */
export function listOf(id: string, state: 'unsettled' | '' = ''): string {
  return `/admin/messages/outgoing${OUTGOING.queryOf({ ...NO_FILTER, state, peer: id }, null)}`;
}

function waits(t: (key: string, values: Record<string, unknown>) => string, { state }: Destination): string {
  const words = state.waiting_many ? 'destinations.waitMany' : 'destinations.wait';
  const shown = formatNumber(state.waiting);
  return state.oldest_at
    ? t(`${words}Since`, { count: state.waiting, shown, at: formatDayTime(state.oldest_at) })
    : t(words, { count: state.waiting, shown });
}
