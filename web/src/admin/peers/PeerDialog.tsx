import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, post, put } from '../../api/client';
import { TextField, errorText } from '../../design';
import { EditDialog } from '../EditDialog';
import type { Peer } from './PeerList';

/** What the parts of the form need of it. */
export interface PeerForm<Entries> {
  entries: Entries;
  set(part: Partial<Entries>): void;
  /** What is wrong with a field, in words. */
  wrong(field: string): string | undefined;
  /** A field of text with its words. */
  text(id: TextOf<Entries>, more?: { rows?: number; isNumeric?: boolean; isDisabled?: boolean }): ReactElement;
  /** Somebody tried to go on. */
  tried: boolean;
}

/** Fields that are text. */
type TextOf<Entries> = { [Id in keyof Entries]: Entries[Id] extends string ? Id : never }[keyof Entries] & string;

/** How the dialog of a page is opened. */
export interface PeerDialogProps<P> {
  /** `null` makes one. */
  peer: P | null;
  onClose(): void;
  onSaved(name: string): void;
}

interface Props<P, Rules, Entries> extends PeerDialogProps<P> {
  /** The address of the list, below `/api`, and where its answer is kept. */
  at: string;
  list: readonly string[];
  /** What the form begins with. */
  begin(): Entries;
  rulesOf(entries: Entries): Rules;
  /** Fields that the server would not take, in the order of the form; each has the id `peer-FIELD`. */
  faultsOf(entries: Entries): ReadonlySet<string>;
  /**
   * Where the words of this kind of peer stand, such as `hl7v2:form`: those of a field, its hint (`fieldHint`) and its
   * fault (`bad.field`). What is not there has the words that all kinds share.
   */
  words: string;
  addTitle: string;
  children(form: PeerForm<Entries>): ReactNode;
}

/** All that is said of another system: its form, what is wrong with it, and the way to the server. */
export function PeerDialog<P extends Peer, Rules, Entries extends object>(props: Props<P, Rules, Entries>): ReactElement {
  const { peer, words, faultsOf, addTitle, onClose, children } = props;
  const { t } = useTranslation(['peers', 'errors']);
  const [entries, setEntries] = useState(props.begin);
  const [tried, setTried] = useState(false);
  const save = useSave(props);
  const faults = faultsOf(entries);
  const set = (part: Partial<Entries>): void => setEntries((before) => ({ ...before, ...part }));
  const wrong = (field: string): string | undefined => {
    const bad = [`${words}.bad.${field}`, `form.bad.${field}`, 'form.bad.other'];
    if (tried && faults.has(field)) return t(bad);
    if (!(save.error instanceof ApiError) || save.error.field !== field) return undefined;
    if (!save.error.code.startsWith('field.')) return errorText(t, save.error);
    return /long$/.test(save.error.code) ? t('form.bad.long') : t(bad);
  };
  const text: PeerForm<Entries>['text'] = (id, { rows, isNumeric, isDisabled } = {}) => (
    <TextField
      id={`peer-${id}`}
      label={t([`${words}.${id}`, `form.${id}`])}
      hint={t([`${words}.${id}Hint`, `form.${id}Hint`])}
      value={String(entries[id])}
      onChange={(value) => set({ [id]: value } as unknown as Partial<Entries>)}
      autoComplete="off"
      spellCheck="false"
      isDisabled={isDisabled ?? false}
      error={wrong(id)}
      {...(isNumeric && { inputMode: 'numeric' as const })}
      {...(rows && { multiline: true, rows })}
    />
  );
  const submit = (): void => {
    setTried(true);
    const [first] = faults;
    if (first === undefined) save.mutate(entries);
    else focusOn(first);
  };
  return (
    <EditDialog
      title={peer ? t('editTitle', { name: peer.name }) : addTitle}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={760}
      submit={t(peer ? 'save' : 'addDo')}
    >
      {children({ entries, set, wrong, text, tried })}
    </EditDialog>
  );
}

function useSave<P extends Peer, Rules, Entries>({ peer, at, list, rulesOf, onSaved, onClose }: Props<P, Rules, Entries>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entries: Entries): Promise<P> => {
      const rules = rulesOf(entries);
      return peer ? put(`${at}/${encodeURIComponent(peer.id)}`, rules) : post(at, rules);
    },
    onSuccess: async ({ name }) => {
      await queries.invalidateQueries({ queryKey: list });
      onSaved(name);
      onClose();
    },
  });
}

/** A field, or the first choice of a group. */
function focusOn(field: string): void {
  const found = document.getElementById(`peer-${field}`);
  (found?.querySelector<HTMLElement>('input') ?? found)?.focus();
}
