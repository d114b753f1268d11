import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type IconName, StatusPill, type Tone } from '../../design';
import type { Fault, MessageState as State } from './messages';

const LOOKS: Record<State, { tone: Tone; icon: IconName }> = {
  applied: { tone: 'ok', icon: 'check-circle' },
  failed: { tone: 'warn', icon: 'clock' },
  settled: { tone: 'neutral', icon: 'minus' },
};

/** What became of a message, as a word and a drawing. */
export function MessageState({ state }: { state: State }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return <StatusPill {...LOOKS[state]}>{t(`state_.${state}`)}</StatusPill>;
}

/** What is wrong and where: what kind of fault it is, in the reader's language, and what the server said. */
export function FaultText({ fault }: { fault: Fault }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <span className="message-fault">
      {fault.code !== 0 && <strong>{t('fault.because', { what: t([`fault.${fault.code}`, 'fault.other'], { code: fault.code }) })}</strong>}
      {fault.text}
      {fault.at && (
        <>
          {' '}
          (<code>{fault.at}</code>)
        </>
      )}
    </span>
  );
}
