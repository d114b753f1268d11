import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../api/session';
import { Banner } from '../../design';
import { formatTime } from '../../format';
import { useNow } from '../useNow';
import { emergencyUntil } from './emergency';

const LOOK_EVERY_MS = 5_000;

/** Stands above a chart for as long as it is open only because of an emergency. */
export function EmergencyBanner({ patientId }: { patientId: string }): ReactElement | null {
  const { t } = useTranslation('workspace');
  const user = useSession().data?.session?.user;
  const now = useNow(LOOK_EVERY_MS);
  const until = user ? emergencyUntil(user.id, patientId, now) : null;
  if (!until) return null;
  return (
    <Banner tone="warn" live="status" title={t('emergency.standing', { time: formatTime(until) })}>
      {t('emergency.standingBody')}
    </Banner>
  );
}
