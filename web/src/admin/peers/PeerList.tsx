import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { del } from '../../api/client';
import { Banner, Button, ErrorText, Failure, Loading } from '../../design';
import { type Action, MenuButton } from '../../design/MenuButton';
import { EditDialog } from '../EditDialog';
import type { PeerDialogProps } from './PeerDialog';
import './peers.css';

/** Another system, whatever is said of it. */
export interface Peer {
  id: string;
  name: string;
}

/** What taking one away means. */
interface Removal {
  /** The address of the list, below `/api`. */
  at: string;
  /** Answers that are no longer true afterwards. */
  changes: readonly (readonly string[])[];
  /** What somebody has to know before. */
  warning: ReactNode;
}

interface PeerListProps<P> {
  peers: UseQueryResult<P[]>;
  /** What the page begins with, around the button that adds one. */
  head(add: ReactElement): ReactNode;
  /** The words of that button. */
  add: string;
  /** What was done, in words. */
  said: string | null;
  onSay(words: string | null): void;
  /** Why something that was done with one failed. */
  fault?: unknown;
  /** Instead of rows where there are none. */
  empty: ReactNode;
  rows(peers: readonly P[], actionsOf: (peer: P) => ReactNode): ReactNode;
  /** What can be done with one besides changing it and taking it away. */
  more?(peer: P): Action[];
  /** The dialog in which one is described. */
  dialog(props: PeerDialogProps<P>): ReactNode;
  removal(peer: P): Removal;
}

type Open<P> = { what: 'add' } | { what: 'edit' | 'remove'; peer: P };

/** A page of other systems: the list, and making, changing and taking away. */
export function PeerList<P extends Peer>(props: PeerListProps<P>): ReactElement {
  const { peers, head, add, said, onSay, fault, empty, rows, more, dialog, removal } = props;
  // With the words of the dialog: were they fetched once it opens, the page would go for that moment, and the focus with it.
  const { t } = useTranslation(['peers', 'errors']);
  const [open, setOpen] = useState<Open<P> | null>(null);
  const start = (what: Open<P>): void => {
    onSay(null);
    setOpen(what);
  };
  const close = (): void => setOpen(null);
  const actionsOf = (peer: P): ReactElement => (
    <MenuButton
      iconOnly
      label={t('actionsFor', { name: peer.name })}
      actions={[
        { id: 'edit', label: t('edit'), icon: 'edit', run: () => start({ what: 'edit', peer }) },
        ...(more?.(peer) ?? []),
        { id: 'remove', label: t('remove'), icon: 'trash', danger: true, run: () => start({ what: 'remove', peer }) },
      ]}
    />
  );
  return (
    <>
      {head(
        <Button kind="primary" icon="plus" onPress={() => start({ what: 'add' })}>
          {add}
        </Button>,
      )}
      {said && (
        <Banner tone="ok" live="status">
          {said}
        </Banner>
      )}
      {!!fault && (
        <Banner tone="danger" live="alert">
          <ErrorText error={fault} />
        </Banner>
      )}
      {peers.isPending && <Loading />}
      {peers.isError && <Failure error={peers.error} onRetry={() => void peers.refetch()} />}
      {peers.data?.length === 0 && empty}
      {!!peers.data?.length && rows(peers.data, actionsOf)}
      {open && open.what !== 'remove' && (
        dialog({ peer: open.what === 'edit' ? open.peer : null, onClose: close, onSaved: (name) => onSay(t('saved', { name })) })
      )}
      {open?.what === 'remove' && (
        <RemovePeer peer={open.peer} {...removal(open.peer)} onClose={close} onDone={() => onSay(t('removed', { name: open.peer.name }))} />
      )}
    </>
  );
}

interface RemovePeerProps extends Removal {
  peer: Peer;
  onClose(): void;
  onDone(): void;
}

function RemovePeer({ peer, at, changes, warning, onClose, onDone }: RemovePeerProps): ReactElement {
  const { t } = useTranslation('peers');
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => del(`${at}/${encodeURIComponent(peer.id)}`),
    onSuccess: async () => {
      await Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey })));
      onDone();
      onClose();
    },
  });
  return (
    <EditDialog
      title={t('removeTitle', { name: peer.name })}
      onClose={onClose}
      save={remove}
      onSubmit={() => remove.mutate()}
      submit={t('remove')}
      danger
    >
      {warning}
    </EditDialog>
  );
}
