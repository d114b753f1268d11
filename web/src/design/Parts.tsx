import { type ReactElement, type ReactNode, useSyncExternalStore } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';
import { Icon, type IconName } from './Icon';
import { Select } from './fields';
import './parts.css';

export interface Part<Id extends string> {
  id: Id;
  label: string;
  icon?: IconName;
  /** A count or a mark behind the label, with words for those who hear it. */
  mark?: ReactNode;
  content: ReactNode;
}

export interface PartsProps<Id extends string> {
  label: string;
  parts: readonly Part<Id>[];
  selected: Id;
  onSelect(id: Id): void;
  /** Stays a row of tabs on a phone. */
  alwaysTabs?: boolean;
}

/** Parts of one screen: tabs at a desk, a menu on a phone. Only the chosen part is in the page. */
export function Parts<Id extends string>({
  label,
  parts,
  selected,
  onSelect,
  alwaysTabs,
}: PartsProps<Id>): ReactElement {
  const narrow = useNarrow();
  if (narrow && !alwaysTabs) {
    return (
      <div className="parts">
        <Select
          label={label}
          options={parts.map(({ id, label: name, icon }) => ({ id, label: name, ...(icon && { icon }) }))}
          value={selected}
          onChange={onSelect}
        />
        <section className="parts-panel" aria-label={parts.find((part) => part.id === selected)?.label}>
          <h2 className="hidden-text">{parts.find((part) => part.id === selected)?.label}</h2>
          {parts.find((part) => part.id === selected)?.content}
        </section>
      </div>
    );
  }
  return (
    <Tabs className="parts" selectedKey={selected} onSelectionChange={(key) => onSelect(key as Id)}>
      <TabList className="parts-tabs" aria-label={label}>
        {parts.map((part) => (
          <Tab key={part.id} id={part.id} className="parts-tab">
            {part.icon && <Icon name={part.icon} size={18} />}
            {part.label}
            {part.mark}
          </Tab>
        ))}
      </TabList>
      {parts.map((part) => (
        <TabPanel key={part.id} id={part.id} className="parts-panel">
          <h2 className="hidden-text">{part.label}</h2>
          {part.content}
        </TabPanel>
      ))}
    </Tabs>
  );
}

const NARROW = '(max-width: 699px)';

/** Whether the window is as narrow as a phone. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = window.matchMedia(NARROW);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => window.matchMedia(NARROW).matches,
  );
}
