import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Checkbox, ErrorText } from '../../design';

interface ChoiceBarProps {
  /** What is done with the chosen ones, without their number and with it. */
  words: { none: string; some: string };
  /** How many those are that "choose all" chooses, in words. */
  allWords: string;
  all: readonly string[];
  chosen: readonly string[];
  onChoose(ids: ReadonlySet<string>): void;
  doing: { isPending: boolean; isError: boolean; error: unknown };
  onDo(): void;
  /** How it went before. */
  outcome: ReactNode;
  /** What to know of the choice. */
  children?: ReactNode;
}

/** Does something with the chosen ones, and says how that went. */
export function ChoiceBar(props: ChoiceBarProps): ReactElement {
  const { words, allWords, all, chosen, onChoose, doing, onDo, outcome, children } = props;
  const { t } = useTranslation('hl7v2');
  const none = chosen.length === 0;
  return (
    <>
      {doing.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={doing.error} />
        </Banner>
      )}
      {!doing.isError && outcome}
      {(all.length > 0 || !none) && (
        <div className="row">
          <Button kind="primary" icon="refresh" isDisabled={none} isPending={doing.isPending} onPress={onDo}>
            {none ? words.none : words.some}
          </Button>
          <Button kind="quiet" onPress={() => onChoose(new Set(none ? all : []))}>
            {none ? allWords : t('list.chooseNone')}
          </Button>
          <span role="status" className="soft small numbers">
            {!none && t('list.chosen', { count: chosen.length })}
            {!none && children && <> · {children}</>}
          </span>
        </div>
      )}
    </>
  );
}

interface ChoiceProps {
  label: string;
  isChosen: boolean;
  isDisabled: boolean;
  onChange(chosen: boolean): void;
}

/** Chooses one; what it chooses is only spoken. */
export function Choice({ label, isChosen, isDisabled, onChange }: ChoiceProps): ReactElement {
  return (
    <Checkbox plain isSelected={isChosen && !isDisabled} isDisabled={isDisabled} onChange={onChange}>
      <span className="hidden-text">{label}</span>
    </Checkbox>
  );
}
