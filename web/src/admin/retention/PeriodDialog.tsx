import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { put } from '../../api/client';
import { TextField } from '../../design';
import { EditDialog } from '../EditDialog';
import { ReasonField } from './ReasonField';
import { RETENTION_KEY, type Retention, faultOfYears } from './retention';

/** Changes the years, with the reason that is kept beside them. */
export function PeriodDialog({ retention, onClose }: { retention: Retention; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [years, setYears] = useState(String(retention.years));
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => put<Retention>('/admin/retention', { years: Number(years), reason: reason.trim(), revision: retention.revision }),
    onSuccess: (answer) => {
      queries.setQueryData(RETENTION_KEY, answer);
      onClose();
    },
    // Somebody else was faster: what they decided is shown behind.
    onError: () => void queries.invalidateQueries({ queryKey: RETENTION_KEY }),
  });
  const outOfRange = faultOfYears(years, retention) !== null;
  const mute = reason.trim() === '';
  const submit = (): void => {
    setTried(true);
    if (outOfRange || mute) document.getElementById(outOfRange ? 'retention-years' : 'retention-reason')?.focus();
    else save.mutate();
  };
  return (
    <EditDialog title={t('retention.change')} onClose={onClose} save={save} onSubmit={submit}>
      <TextField
        id="retention-years"
        label={t('retention.years')}
        hint={t('retention.yearsHint')}
        inputMode="numeric"
        width="4"
        value={years}
        onChange={setYears}
        error={tried && outOfRange ? t('retention.bad', { least: retention.least, most: retention.most }) : undefined}
      />
      <ReasonField id="retention-reason" hint={t('retention.reasonHint')} value={reason} onChange={setReason} isMissing={tried && mute} />
    </EditDialog>
  );
}
