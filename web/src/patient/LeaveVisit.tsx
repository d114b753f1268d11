import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Banner, ErrorText } from '../design/surfaces';
import { usePhotoQueue } from '../photos/PhotoQueueProvider';
import { useRoom } from '../visit/VisitRoom';

/** Lets go of the visit on this device: nothing of it stays here. */
export function LeaveVisit(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visitId } = useRoom();
  const { queue, view } = usePhotoQueue();
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const leave = async (): Promise<void> => {
    try {
      await post(`/visits/${encodeURIComponent(visitId)}/leave`, undefined, { as: 'visit' });
      await queue.forget();
      sessionStorage.clear();
      location.reload();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      <Button kind="quiet" icon="sign-out" onPress={() => setAsking(true)}>
        {t('leave.button')}
      </Button>
      <Dialog
        title={t('leave.title')}
        role="alertdialog"
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button onPress={() => setAsking(false)}>{t('leave.stay')}</Button>
            <Button kind="danger" onPress={() => void leave()}>
              {t('leave.confirm')}
            </Button>
          </>
        }
      >
        <p>{t('leave.text')}</p>
        {view.items.length > 0 && <Banner tone="warn">{t('leave.photos')}</Banner>}
        {failure !== null && (
          <Banner tone="danger" live="alert">
            <ErrorText error={failure} />
          </Banner>
        )}
      </Dialog>
    </>
  );
}
