import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../call/useCall';
import { Button } from '../design/Button';
import { Banner, ErrorText } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { usePeople } from './usePeople';

/** Says that the others do not hear one, and lets one speak again once one is asked to. */
export function SilenceNotice({ call }: { call: Call }): ReactElement | null {
  const { t } = useTranslation(['people', 'errors']);
  const { me } = useRoom();
  const { view, controller } = call;
  const speak = usePeople(() => {
    if (view.microphone !== 'on') void controller.toggleMicrophone();
  });
  if (!me?.silenced) return null;
  if (me.silenced === 'muted') {
    return (
      <Banner tone="warn" icon="microphone-off" live="status" title={t('silenced.muted')}>
        {t('silenced.muted-text')}
      </Banner>
    );
  }
  return (
    <Banner
      tone="info"
      icon="microphone"
      live="alert"
      title={t('silenced.asked')}
      actions={
        <Button kind="primary" icon="microphone" isPending={speak.isPending} onPress={() => speak.mutate('unmute')}>
          {t('silenced.speak')}
        </Button>
      }
    >
      {t('silenced.asked-text')}
      {speak.isError && <ErrorText error={speak.error} />}
    </Banner>
  );
}
