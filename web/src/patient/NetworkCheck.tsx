import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { ErrorText, StatusPill, type Tone } from '../design/surfaces';
import { Check } from './DeviceChecks';
import type { WayReport } from '../api/messages';
import { type Passage, type ProbeResult, type Verdict, passageOf, probe, verdictOf } from './networkProbe';
import { WaysTried } from './WaysTried';

export interface ProbeState {
  result: ProbeResult | null;
  /** The ways to the media server, once they were tried. */
  ways: WayReport[] | null;
  failure: unknown;
  running: boolean;
  again(): void;
}

/** Measures once when the page opens, and again when asked. */
export function useProbe(visitId: string): ProbeState {
  const [state, setState] = useState<Omit<ProbeState, 'again'>>(BEGUN);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState(BEGUN);
    const show = (part: Partial<ProbeState>): void => {
      if (!stop.signal.aborted) setState((before) => ({ ...before, ...part }));
    };
    // One after the other: each would take from the other what it measures.
    probe(visitId, stop.signal)
      .then(async (result) => {
        show({ result });
        show({ ways: await tryWays(visitId, stop.signal).catch(() => null), running: false });
      })
      .catch((failure: unknown) => show({ failure, running: false }));
    return () => stop.abort();
  }, [visitId, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, again };
}

async function tryWays(visitId: string, signal: AbortSignal): Promise<WayReport[]> {
  const { testWays } = await import('../call/ways/wayTest');
  return testWays(visitId, 'visit', signal);
}

const BEGUN = { result: null, ways: null, failure: null, running: true };
const TONES: Record<Verdict, Tone> = { good: 'ok', fair: 'ok', audio: 'warn', poor: 'danger' };

export function NetworkCheck({ result, ways, failure, running, again }: ProbeState): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const verdict = result && !running ? verdictOf(result, ways) : null;
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
            {t(result ? 'network.trying' : 'network.running')}
          </p>
        )}
        {failure !== null && !running && (
          <p>
            <ErrorText error={failure} />
          </p>
        )}
        {verdict && <p>{t(wordsFor(verdict, ways && passageOf(ways)))}</p>}
        {verdict && ways && passageOf(ways) === 'detour' && <p>{t('network.detour')}</p>}
        {result && (
          <p className="soft small numbers">
            {t('network.figures', { down: short(result.down_mbps), up: short(result.up_mbps), rtt: Math.round(result.rtt_ms) })}
          </p>
        )}
      </div>
      {ways && <WaysTried ways={ways} />}
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

/** A network that lets no pictures through is told apart from one that is slow: another place near the Wi-Fi is no help. */
function wordsFor(verdict: Verdict, passage: Passage | null): string {
  if (passage === 'sound' || passage === 'none') return `network.only-${passage}`;
  return `network.${verdict}.text`;
}

function short(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}
