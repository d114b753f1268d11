import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '../../../design';
import { ChoiceBar } from '../ChoiceBar';
import { type OutgoingLine, isUnsettled, outcomeOf } from './outgoing';
import { useResend } from './requests';

interface ResendBarProps {
  /** Those in the list that can be sent again. */
  lines: readonly OutgoingLine[];
  chosen: ReadonlySet<string>;
  onChoose(ids: ReadonlySet<string>): void;
}

/** Sends the chosen ones again, and says how that went. */
export function ResendBar({ lines, chosen, onChoose }: ResendBarProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [outcome, setOutcome] = useState<{ going: number; unmade: number } | null>(null);
  const resend = useResend((sent) => {
    setOutcome(outcomeOf(sent));
    onChoose(new Set());
  });
  const unsettled = lines.filter(isUnsettled).map(({ id }) => id);
  const picked = lines.filter(({ id }) => chosen.has(id));
  const twice = picked.filter(({ state }) => state === 'sent').length;
  return (
    <ChoiceBar
      words={{ none: t('outgoing.again'), some: t('outgoing.againCount', { count: picked.length }) }}
      allWords={t('outgoing.chooseAll', { count: unsettled.length })}
      all={unsettled}
      chosen={picked.map(({ id }) => id)}
      onChoose={onChoose}
      doing={resend}
      onDo={() => {
        setOutcome(null);
        resend.mutate(picked.map(({ id }) => id));
      }}
      outcome={outcome && <Outcome {...outcome} />}
    >
      {twice > 0 ? t('outgoing.twice', { count: twice }) : null}
    </ChoiceBar>
  );
}

function Outcome({ going, unmade }: { going: number; unmade: number }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Banner tone={unmade > 0 ? 'warn' : going > 0 ? 'ok' : 'info'} live="status">
      {going === 0 && unmade === 0 && t('outgoing.againNone')}
      {going > 0 && t('outgoing.goes', { count: going })} {unmade > 0 && t('outgoing.unmadeAgain', { count: unmade })}
    </Banner>
  );
}
