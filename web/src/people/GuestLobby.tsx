import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { useWakeLock } from '../call/useWakeLock';
import { Button } from '../design/Button';
import { Icon } from '../design/Icon';
import { Page } from '../design/Page';
import { Banner, ErrorText, StatusPill, StepProgress } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { useGuestVisit } from './GuestPage';

/** A guest waits for themselves: the page goes on by itself once they are let in. */
export function GuestLobby(): ReactElement {
  const { t } = useTranslation(['people', 'patient', 'errors']);
  const { link, visitId } = useRoom();
  const { practitioner, organization, guest, locked } = useGuestVisit();
  useWakeLock(true);
  const leave = useMutation({
    mutationFn: () => post(`/visits/${encodeURIComponent(visitId)}/leave`, undefined, { as: 'visit' }),
    onSuccess: () => location.reload(),
  });
  return (
    <Page title={t('waiting.title')} before={<StepProgress step={3} of={3} />} narrow>
      <section className="card waiting-card">
        <div className="appointment-person">
          <span className="avatar">
            <Icon name="stethoscope" size={26} />
          </span>
          <div>
            <p className="appointment-name">{practitioner.name}</p>
            <p className="soft">{[practitioner.title, organization.name].filter(Boolean).join(' · ')}</p>
          </div>
        </div>
        <div role="status" className="waiting-place">
          <p className="waiting-number">{t(guest.state === 'admitted' ? 'waiting.begins' : 'waiting.let-in')}</p>
          <p>{t(guest.state === 'admitted' ? 'waiting.begins-text' : 'waiting.let-in-text', { name: practitioner.name })}</p>
          {guest.awaits_patient && <p>{t('waiting.patient')}</p>}
        </div>
        <div className="row">
          {link === 'open' ? (
            <StatusPill tone="ok" icon="wifi">
              {t('patient:waiting.connected')}
            </StatusPill>
          ) : (
            <StatusPill tone="warn" icon="refresh">
              {t('patient:waiting.reconnecting')}
            </StatusPill>
          )}
          <span className="soft small">{t('waiting.as', { name: guest.name, role: t(`role.${guest.role}`) })}</span>
        </div>
      </section>
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
