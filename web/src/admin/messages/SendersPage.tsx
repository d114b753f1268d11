import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { del } from '../../api/client';
import { Banner, Button, Empty, Failure, Loading } from '../../design';
import { MenuButton } from '../../design/MenuButton';
import { EditDialog } from '../EditDialog';
import { MessagesHead } from './MessagesHead';
import { SenderDialog } from './SenderDialog';
import { SenderRows } from './SenderRows';
import { useSenders } from './requests';
import { SENDERS_KEY, type Sender } from './senders';

type Open = { what: 'add' } | { what: 'edit' | 'remove'; sender: Sender };

/** `/admin/messages/senders`: which systems may send HL7 v2, and how they are understood. */
export default function SendersPage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [open, setOpen] = useState<Open | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const senders = useSenders();
  const start = (what: Open): void => {
    setDone(null);
    setOpen(what);
  };
  return (
    <>
      <MessagesHead explain={t('senders.explain')}>
        <Button kind="primary" icon="plus" onPress={() => start({ what: 'add' })}>
          {t('senders.add')}
        </Button>
      </MessagesHead>
      {done && (
        <Banner tone="ok" live="status">
          {done}
        </Banner>
      )}
      {senders.isPending && <Loading />}
      {senders.isError && <Failure error={senders.error} onRetry={() => void senders.refetch()} />}
      {senders.data?.length === 0 && (
        <Empty icon="swap" title={t('senders.empty')}>
          {t('senders.emptyHint')}
        </Empty>
      )}
      {!!senders.data?.length && (
        <SenderRows senders={senders.data} actions={(sender) => <Actions sender={sender} onOpen={start} />} />
      )}
      {open && open.what !== 'remove' && (
        <SenderDialog
          sender={open.what === 'edit' ? open.sender : null}
          onClose={() => setOpen(null)}
          onSaved={(name) => setDone(t('senders.saved', { name }))}
        />
      )}
      {open?.what === 'remove' && (
        <RemoveSender sender={open.sender} onClose={() => setOpen(null)} onDone={(name) => setDone(t('senders.removed', { name }))} />
      )}
    </>
  );
}

function Actions({ sender, onOpen }: { sender: Sender; onOpen(open: Open): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const navigate = useNavigate();
  return (
    <MenuButton
      iconOnly
      label={t('senders.actionsFor', { name: sender.name })}
      actions={[
        { id: 'edit', label: t('senders.edit'), icon: 'edit', run: () => onOpen({ what: 'edit', sender }) },
        {
          id: 'messages',
          label: t('senders.messages'),
          icon: 'swap',
          run: () => void navigate(`/admin/messages?${new URLSearchParams({ sender: sender.id }).toString()}`),
        },
        { id: 'remove', label: t('senders.remove'), icon: 'trash', danger: true, run: () => onOpen({ what: 'remove', sender }) },
      ]}
    />
  );
}

function RemoveSender({ sender, onClose, onDone }: { sender: Sender; onClose(): void; onDone(name: string): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => del(`/admin/senders/${encodeURIComponent(sender.id)}`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: SENDERS_KEY });
      onDone(sender.name);
      onClose();
    },
  });
  return (
    <EditDialog
      title={t('senders.removeTitle', { name: sender.name })}
      onClose={onClose}
      save={remove}
      onSubmit={() => remove.mutate()}
      submit={t('senders.remove')}
      danger
    >
      <p>{t('senders.removeBody')}</p>
    </EditDialog>
  );
}
