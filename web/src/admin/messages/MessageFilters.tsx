import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Select, TextField } from '../../design';
import { type Filter, NO_FILTER, STATES, isFiltered } from './messages';
import { useSenders } from './requests';

interface MessageFiltersProps {
  filter: Filter;
  onChange(filter: Filter): void;
}

/** By what the list is narrowed: choices take effect at once, words when they are sent. */
export function MessageFilters({ filter, onChange }: MessageFiltersProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const senders = useSenders().data ?? [];
  const [shown, setShown] = useState(filter);
  const [kind, setKind] = useState(filter.kind);
  const [text, setText] = useState(filter.text);
  // What was typed stands until the list is narrowed by something else.
  if (shown.kind !== filter.kind || shown.text !== filter.text) {
    setShown(filter);
    setKind(filter.kind);
    setText(filter.text);
  }
  const change = (part: Partial<Filter>): void => onChange({ ...filter, kind: kind.trim(), text: text.trim(), ...part });
  return (
    <search aria-label={t('filter.label')}>
      <form
        className="messages-filters"
        onSubmit={(event) => {
          event.preventDefault();
          change({});
        }}
      >
        <Select
          label={t('state')}
          options={[{ id: 'all', label: t('filter.allStates') }, ...STATES.map((id) => ({ id, label: t(`state_.${id}`) }))]}
          value={filter.state || 'all'}
          onChange={(state) => change({ state: state === 'all' ? '' : (state as Filter['state']) })}
        />
        <Select
          label={t('filter.sender')}
          options={[{ id: 'all', label: t('filter.allSenders') }, ...senders.map(({ id, name }) => ({ id, label: name }))]}
          value={filter.sender || 'all'}
          onChange={(sender) => change({ sender: sender === 'all' ? '' : sender })}
        />
        <TextField label={t('filter.kind')} placeholder={t('filter.kindHint')} value={kind} onChange={setKind} autoComplete="off" spellCheck="false" />
        <TextField label={t('filter.text')} value={text} onChange={setText} autoComplete="off" spellCheck="false" />
        <div className="row">
          <Button type="submit" icon="search">
            {t('filter.search')}
          </Button>
          {isFiltered(filter) && (
            <Button kind="quiet" icon="close" onPress={() => {
                setKind('');
                setText('');
                onChange(NO_FILTER);
              }}>
              {t('filter.clear')}
            </Button>
          )}
        </div>
      </form>
    </search>
  );
}
