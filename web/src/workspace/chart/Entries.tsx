import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../design';
import { useKeeper } from './Keeping';
import type { Standing } from './standing';

export interface Shown {
  id: string;
  /** What it is called when its buttons are spoken. */
  name: string;
  main: ReactNode;
  details: ReactNode[];
  pills?: ReactNode;
  /** Its type, where its history can be read. */
  resource?: string;
  onChange?: (() => void) | undefined;
}

export interface EntriesProps {
  entries: Record<Standing, Shown[]>;
  none: ReactNode;
}

/** Entries in force, then those that are over; what was entered in error is folded away and never gone. */
export function Entries({ entries, none }: EntriesProps): ReactElement {
  const { t } = useTranslation('record');
  return (
    <>
      {entries.current.length === 0 ? <p className="soft">{none}</p> : <List shown={entries.current} />}
      <Folded shown={entries.past} label={(count) => t('past', { count })} />
      <Folded shown={entries['in-error']} label={(count) => t('inError', { count })} struck />
    </>
  );
}

export function Folded(props: { shown: Shown[]; label: (count: number) => string; struck?: boolean }): ReactElement | null {
  const { shown, label, struck } = props;
  const [open, setOpen] = useState(false);
  if (shown.length === 0) return null;
  return (
    <div className="entries-folded" data-struck={struck || undefined}>
      <Button
        kind="quiet"
        icon={open ? 'chevron-down' : 'chevron-right'}
        aria-expanded={open}
        onPress={() => setOpen(!open)}
      >
        {label(shown.length)}
      </Button>
      {open && <List shown={shown} />}
    </div>
  );
}

export function List({ shown }: { shown: Shown[] }): ReactElement {
  return (
    <ul className="entries">
      {shown.map((one) => (
        <li key={one.id}>
          <div className="entry-text">
            <div className="entry-main">
              {one.main} {one.pills}
            </div>
            {one.details.filter(Boolean).map((detail, index) => (
              <div className="small soft numbers" key={index}>
                {detail}
              </div>
            ))}
          </div>
          <Actions shown={one} />
        </li>
      ))}
    </ul>
  );
}

function Actions({ shown }: { shown: Shown }): ReactElement | null {
  const { t } = useTranslation('record');
  const keeper = useKeeper();
  if (!keeper) return null;
  const { name, id, resource, onChange } = shown;
  return (
    <div className="entry-actions">
      {resource && (
        <Button
          kind="quiet"
          icon="clock"
          iconOnly
          onPress={() => keeper.open({ what: 'history', resource, id, name })}
        >
          {t('do.historyOf', { name })}
        </Button>
      )}
      {keeper.edits && onChange && (
        <Button kind="quiet" icon="edit" iconOnly onPress={onChange}>
          {t('do.changeOf', { name })}
        </Button>
      )}
    </div>
  );
}
