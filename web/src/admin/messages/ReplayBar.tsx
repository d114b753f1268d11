import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, ErrorText } from '../../design';
import { outcomeOf } from './messages';
import { useReplay } from './requests';

interface ReplayBarProps {
  /** Those in the list that wait and can be tried. */
  waiting: readonly string[];
  chosen: readonly string[];
  onChoose(ids: ReadonlySet<string>): void;
}

/** Tries the chosen ones again, and says how that went. */
export function ReplayBar({ waiting, chosen, onChoose }: ReplayBarProps): ReactElement | null {
  const { t } = useTranslation('hl7v2');
  const [outcome, setOutcome] = useState<{ applied: number; failed: number } | null>(null);
  const replay = useReplay((tried) => {
    setOutcome(outcomeOf(tried));
    onChoose(new Set());
  });
  const none = chosen.length === 0;
  return (
    <>
      {replay.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={replay.error} />
        </Banner>
      )}
      {outcome && !replay.isError && <Outcome {...outcome} />}
      {waiting.length > 0 && (
        <div className="row">
          <Button
            kind="primary"
            icon="refresh"
            isDisabled={none}
            isPending={replay.isPending}
            onPress={() => {
              setOutcome(null);
              replay.mutate(chosen);
            }}
          >
            {none ? t('again.do') : t('again.doCount', { count: chosen.length })}
          </Button>
          <Button kind="quiet" onPress={() => onChoose(new Set(none ? waiting : []))}>
            {none ? t('list.chooseAll', { count: waiting.length }) : t('list.chooseNone')}
          </Button>
          <span role="status" className="soft small numbers">
            {!none && t('list.chosen', { count: chosen.length })}
          </span>
        </div>
      )}
    </>
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
