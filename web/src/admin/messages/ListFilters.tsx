import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, type Option, Select, TextField } from '../../design';
import { type Filter, NO_FILTER, isFiltered } from './filters';

interface ListFiltersProps<State extends string> {
  filter: Filter<State>;
  onChange(filter: Filter<State>): void;
  states: readonly Option<State>[];
  /** The other systems, what one of them is called, and what stands for all. */
  peers: { label: string; all: string; options: readonly { id: string; name: string }[] };
}

/** By what a list of messages is narrowed: choices take effect at once, words when they are sent. */
export function ListFilters<State extends string>({ filter, onChange, states, peers }: ListFiltersProps<State>): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [shown, setShown] = useState<Filter>(filter);
  const [kind, setKind] = useState(filter.kind);
  const [text, setText] = useState(filter.text);
  // What was typed stands until the list is narrowed by something else.
  if (shown.kind !== filter.kind || shown.text !== filter.text) {
    setShown(filter);
    setKind(filter.kind);
    setText(filter.text);
  }
  const change = (part: Partial<Filter<State>>): void => onChange({ ...filter, kind: kind.trim(), text: text.trim(), ...part });
  const clear = (): void => {
    setKind('');
    setText('');
    onChange(NO_FILTER);
  };
  return (
    <search aria-label={t('filter.label')}>
      <form
        className="messages-filters"
        onSubmit={(event) => {
          event.preventDefault();
          change({});
        }}
      >
        <Select<string>
          label={t('state')}
          options={[{ id: 'all', label: t('filter.allStates') }, ...states]}
          value={filter.state || 'all'}
          onChange={(state) => change({ state: state === 'all' ? '' : (state as State) })}
        />
        <Select<string>
          label={peers.label}
          options={[{ id: 'all', label: peers.all }, ...peers.options.map(({ id, name }) => ({ id, label: name }))]}
          value={filter.peer || 'all'}
          onChange={(peer) => change({ peer: peer === 'all' ? '' : peer })}
        />
        <TextField label={t('filter.kind')} placeholder={t('filter.kindHint')} value={kind} onChange={setKind} autoComplete="off" spellCheck="false" />
        <TextField label={t('filter.text')} value={text} onChange={setText} autoComplete="off" spellCheck="false" />
        <div className="row">
          <Button type="submit" icon="search">
            {t('filter.search')}
          </Button>
          {isFiltered(filter) && (
            <Button kind="quiet" icon="close" onPress={clear}>
              {t('filter.clear')}
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}
