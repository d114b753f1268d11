import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/client';
import { TextField } from '../../design';
import { EditDialog } from '../EditDialog';

interface ReasonDialogProps {
  words: { title: string; body: string; submit: string };
  /** Where the reason goes. */
  address: string;
  /** What has changed by it. */
  changes: readonly string[];
  /** What is done does not come back by itself. */
  danger?: boolean;
  onClose(): void;
}

/** Does something with a message for which the reason is kept. */
export function ReasonDialog({ words, address, changes, danger, onClose }: ReasonDialogProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const isMissing = reason.trim() === '';
  const save = useMutation({
    mutationFn: () => post(address, { reason: reason.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: changes });
      onClose();
    },
  });
  const submit = (): void => {
    setTried(true);
    if (isMissing) document.getElementById('reason')?.focus();
    else save.mutate();
  };
  return (
    <EditDialog title={words.title} onClose={onClose} save={save} onSubmit={submit} submit={words.submit} danger={danger ?? false}>
      <p>{words.body}</p>
      <TextField
        id="reason"
        label={t('message.reason')}
        hint={t('message.reasonHint')}
        multiline
        rows={3}
        maxLength={500}
        value={reason}
        onChange={setReason}
        error={tried && isMissing ? t('message.reasonMissing') : undefined}
      />
    </EditDialog>
  );
}
