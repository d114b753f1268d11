import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/client';
import { TextField } from '../../design';
import { EditDialog } from '../EditDialog';
import { MESSAGES_KEY } from './messages';

/** Leaves a message as it is, with the reason. */
export function SettleDialog({ id, onClose }: { id: string; onClose(): void }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const isMissing = reason.trim() === '';
  const save = useMutation({
    mutationFn: () => post(`/admin/messages/${encodeURIComponent(id)}/settle`, { reason: reason.trim() }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: MESSAGES_KEY });
      onClose();
    },
  });
  const submit = (): void => {
    setTried(true);
    if (isMissing) document.getElementById('settle-reason')?.focus();
    else save.mutate();
  };
  return (
    <EditDialog title={t('message.setAsideTitle')} onClose={onClose} save={save} onSubmit={submit} submit={t('message.setAside')}>
      <p>{t('message.setAsideBody')}</p>
      <TextField
        id="settle-reason"
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
