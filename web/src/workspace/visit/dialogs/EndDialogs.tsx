import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RadioGroup } from '../../../design';
import { useMove, useMoveOf } from '../useMove';
import { Confirm } from './Confirm';

const REASONS = ['done', 'abandoned', 'technical'] as const;

export function EndDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const [reason, setReason] = useState<(typeof REASONS)[number]>('done');
  const end = useMove('end', onClose);
  return (
    <Confirm
      title={t('end.title')}
      submit={t('end.submit')}
      danger
      isPending={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate({ reason })}
      onClose={onClose}
    >
      <p>{t('end.explain')}</p>
      <RadioGroup
        label={t('end.reason')}
        options={REASONS.map((id) => ({ id, label: t(`end.${id}`) }))}
        value={reason}
        onChange={setReason}
      />
    </Confirm>
  );
}

export interface CloseDialogProps<Shown> {
  as: 'cancel' | 'no-show';
  visitId: string;
  onMoved(visit: Shown): void;
  onClose(): void;
}

/** Cancels a booked visit, or closes it as missed. */
export function CloseDialog<Shown>({ as, visitId, onMoved, onClose }: CloseDialogProps<Shown>): ReactElement {
  const { t } = useTranslation('workspace');
  const move = useMoveOf<Shown>(visitId, as, (visit) => (onMoved(visit), onClose()));
  const words = as === 'cancel' ? 'cancel' : 'noShow';
  return (
    <Confirm
      title={t(`${words}.title`)}
      submit={t(`${words}.submit`)}
      danger
      isPending={move.isPending}
      error={move.error}
      onSubmit={() => move.mutate(undefined)}
      onClose={onClose}
    >
      <p>{t(`${words}.explain`)}</p>
    </Confirm>
  );
}
