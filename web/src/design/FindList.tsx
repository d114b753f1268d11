import type { ReactElement, ReactNode } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { TextField } from './fields';
import './findlist.css';

export interface Found {
  id: string;
  /** What the entry is called, for those who hear it. */
  text: string;
  content: ReactNode;
}

export interface FindListProps {
  label: string;
  hint?: string;
  error?: string | undefined;
  id?: string;
  value: string;
  onChange(text: string): void;
  found: readonly Found[];
  onPick(id: string): void;
  /** How many were found, or why none; announced as it changes. */
  status?: ReactNode;
  autoFocus?: boolean;
}

/** A field to search by and what it finds, below it in the page: arrows walk the list while one types, Enter takes. */
export function FindList(props: FindListProps): ReactElement {
  const { label, hint, error, id, value, onChange, found, onPick, status, autoFocus } = props;
  return (
    <div className="find-list">
      <Autocomplete inputValue={value} onInputChange={onChange}>
        <TextField
          label={label}
          hint={hint}
          error={error}
          type="search"
          autoComplete="off"
          {...(id !== undefined && { id })}
          {...(autoFocus && { autoFocus })}
        />
        <p className="soft small find-status" role="status">
          {status}
        </p>
        {found.length > 0 && (
          <ListBox
            className="options find-options"
            aria-label={label}
            items={found}
            dependencies={[found]}
            onAction={(key) => onPick(String(key))}
          >
            {(one: Found) => (
              <ListBoxItem id={one.id} textValue={one.text} className="option">
                {one.content}
              </ListBoxItem>
            )}
          </ListBox>
        )}
      </Autocomplete>
    </div>
  );
}
