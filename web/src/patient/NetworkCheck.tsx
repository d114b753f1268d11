import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { ErrorText, StatusPill, type Tone } from '../design/surfaces';
import { Check } from './DeviceChecks';
import { type ProbeResult, type Verdict, probe, verdictOf } from './networkProbe';

export interface ProbeState {
  result: ProbeResult | null;
  failure: unknown;
  running: boolean;
  again(): void;
}

/** Measures once when the page opens, and again when asked. */
export function useProbe(visitId: string): ProbeState {
  const [state, setState] = useState<Omit<ProbeState, 'again'>>({ result: null, failure: null, running: true });
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState({ result: null, failure: null, running: true });
    probe(visitId, stop.signal).then(
      (result) => setState({ result, failure: null, running: false }),
      (failure: unknown) => !stop.signal.aborted && setState({ result: null, failure, running: false }),
    );
    return () => stop.abort();
  }, [visitId, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, again };
}

const TONES: Record<Verdict, Tone> = { good: 'ok', fair: 'ok', audio: 'warn', poor: 'danger' };

export function NetworkCheck({ result, failure, running, again }: ProbeState): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const verdict = result && verdictOf(result);
  return (
    <Check
      icon="wifi"
      title={t('network.title')}
      state={verdict && <StatusPill tone={TONES[verdict]}>{t(`network.${verdict}.word`)}</StatusPill>}
    >
      <div role="status" className="stack">
        {running && (
          <p className="row soft">
            <span className="spinner" aria-hidden="true" />
            {t('network.running')}
          </p>
        )}
        {failure !== null && !running && (
          <p>
            <ErrorText error={failure} />
          </p>
        )}
        {verdict && <p>{t(`network.${verdict}.text`)}</p>}
        {result && (
          <p className="soft small numbers">
            {t('network.figures', { down: short(result.down_mbps), up: short(result.up_mbps), rtt: Math.round(result.rtt_ms) })}
          </p>
        )}
      </div>
      {!running && verdict !== 'good' && (
        <div className="row">
          <Button icon="refresh" onPress={again}>
            {t('network.again')}
          </Button>
        </div>
      )}
    </Check>
  );
}

function short(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
