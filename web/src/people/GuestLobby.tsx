import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { useWakeLock } from '../call/useWakeLock';
import { Button } from '../design/Button';
import { Page } from '../design/Page';
import { Banner, ErrorText, StepProgress } from '../design/surfaces';
import { WaitingCard } from '../patient/WaitingCard';
import { useRoom } from '../visit/VisitRoom';
import { useGuestVisit } from './GuestPage';

/** A guest waits for themselves: the page goes on by itself once they are let in. */
export function GuestLobby(): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const { visitId } = useRoom();
  const { practitioner, organization, guest, locked } = useGuestVisit();
  useWakeLock(true);
  const leave = useMutation({
    mutationFn: () => post(`/visits/${encodeURIComponent(visitId)}/leave`, undefined, { as: 'visit' }),
    onSuccess: () => location.reload(),
  });
  return (
    <Page title={t('waiting.title')} before={<StepProgress step={3} of={3} />} narrow>
      <WaitingCard practitioner={practitioner} organization={organization} beside={t('waiting.as', { name: guest.name, role: t(`role.${guest.role}`) })}>
        <p className="waiting-number">{t(guest.state === 'admitted' ? 'waiting.begins' : 'waiting.let-in')}</p>
        <p>{t(guest.state === 'admitted' ? 'waiting.begins-text' : 'waiting.let-in-text', { name: practitioner.name })}</p>
        {guest.awaits_patient && <p>{t('waiting.patient')}</p>}
      </WaitingCard>
      {locked && (
        <Banner tone="info" icon="lock">
          {t('waiting.locked')}
        </Banner>
      )}
      {leave.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={leave.error} />
        </Banner>
      )}
      <div className="row">
        <Button kind="quiet" icon="sign-out" isPending={leave.isPending} onPress={() => leave.mutate()}>
          {t('waiting.leave')}
        </Button>
      </div>
    </Page>
  );
}
