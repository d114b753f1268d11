import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner } from '../../design';
import { ChoiceBar } from './ChoiceBar';
import { outcomeOf } from './messages';
import { useReplay } from './requests';

interface ReplayBarProps {
  /** Those in the list that wait and can be tried. */
  waiting: readonly string[];
  chosen: readonly string[];
  onChoose(ids: ReadonlySet<string>): void;
}

/** Tries the chosen ones again, and says how that went. */
export function ReplayBar({ waiting, chosen, onChoose }: ReplayBarProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [outcome, setOutcome] = useState<{ applied: number; failed: number } | null>(null);
  const replay = useReplay((tried) => {
    setOutcome(outcomeOf(tried));
    onChoose(new Set());
  });
  return (
    <ChoiceBar
      words={{ none: t('again.do'), some: t('again.doCount', { count: chosen.length }) }}
      allWords={t('list.chooseAll', { count: waiting.length })}
      all={waiting}
      chosen={chosen}
      onChoose={onChoose}
      doing={replay}
      onDo={() => {
        setOutcome(null);
        replay.mutate(chosen);
      }}
      outcome={outcome && <Outcome {...outcome} />}
    />
  );
}

function Outcome({ applied, failed }: { applied: number; failed: number }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <Banner tone={failed > 0 ? 'warn' : applied > 0 ? 'ok' : 'info'} live="status">
      {applied === 0 && failed === 0 && t('again.none')}
      {applied > 0 && t('again.applied', { count: applied })} {failed > 0 && t('again.failed', { count: failed })}
    </Banner>
  );
}
