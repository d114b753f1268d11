import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { type IconName, StatusPill, type Tone } from '../../../design';
import { type OutgoingLine, type OutgoingState as State, aboutOf } from './outgoing';

const LOOKS: Record<State, { tone: Tone; icon: IconName }> = {
  waiting: { tone: 'info', icon: 'clock' },
  sent: { tone: 'ok', icon: 'check-circle' },
  refused: { tone: 'danger', icon: 'alert' },
  unmade: { tone: 'warn', icon: 'alert' },
  dropped: { tone: 'neutral', icon: 'minus' },
};

/** What became of a message that goes, as a word and a drawing. */
export function OutgoingState({ state }: { state: State }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return <StatusPill {...LOOKS[state]}>{t(`outgoing.state_.${state}`)}</StatusPill>;
}

/** What it tells of: in the list its kind, where there are words for it, and elsewhere its id as well. */
export function About({ about, isShort }: Pick<OutgoingLine, 'about'> & { isShort?: boolean }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { type, id } = aboutOf(about);
  return (
    <>
      {type && t(`outgoing.type.${type}`)} {(!type || !isShort) && <code className="small soft long-id">{id}</code>}
    </>
  );
}

/** Why it is as it is: who says so, and what was said. */
export function Why({ line: { state, error, reason } }: { line: OutgoingLine }): ReactElement | null {
  const { t } = useTranslation('hl7v2');
  const said = reason ?? error;
  if (!said) return null;
  return (
    <span className="message-fault">
      <strong>{t('fault.because', { what: t(`outgoing.because.${state}`) })}</strong>
      {said}
    </span>
  );
}
