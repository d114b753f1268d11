import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/client';
import { Facts } from '../../design';
import { EditDialog } from '../EditDialog';
import { ReasonField } from './ReasonField';
import { HOLDS_KEY, type Hold } from './retention';

interface HoldDialogProps {
  patientId: string;
  /** Takes a hold away instead of putting one. */
  lifts?: boolean;
  onClose(): void;
}

/** Puts a hold on a record or takes it away, with the reason. */
export function HoldDialog({ patientId, lifts, onClose }: HoldDialogProps): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      lifts
        ? post<{ holds: Hold[] }>(`/admin/holds/${encodeURIComponent(patientId)}/lift`, { reason: reason.trim() })
        : post<{ holds: Hold[] }>('/admin/holds', { patient_id: patientId, reason: reason.trim() }),
    onSuccess: ({ holds }) => {
      queries.setQueryData(HOLDS_KEY, holds);
      onClose();
    },
  });
  const mute = reason.trim() === '';
  const submit = (): void => {
    setTried(true);
    if (mute) document.getElementById('hold-reason')?.focus();
    else save.mutate();
  };
  return (
    <EditDialog
      title={t(lifts ? 'holds.liftTitle' : 'holds.place')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      submit={t(lifts ? 'holds.lift' : 'holds.placeDo')}
      danger={lifts ?? false}
    >
      <Facts items={[[t('holds.patient'), <code className="long-id">{patientId}</code>]]} />
      <p>{t(lifts ? 'holds.liftExplain' : 'holds.placeExplain')}</p>
      <ReasonField id="hold-reason" hint={t('holds.reasonHint')} value={reason} onChange={setReason} isMissing={tried && mute} />
    </EditDialog>
  );
}
