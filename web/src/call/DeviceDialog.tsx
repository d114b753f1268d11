import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Select } from '../design/fields';
import { Banner } from '../design/surfaces';
import { DATA_USES } from './dataUse';
import { canShareScreen } from './devices';
import type { Call } from './useCall';

/** What is changed rarely: which camera, microphone and speaker, and showing one's screen. */
export function DeviceDialog(props: { call: Call; isOpen: boolean; onClose(): void }): ReactElement {
  const { t } = useTranslation('call');
  const { call, isOpen, onClose } = props;
  const { view, controller } = call;
  const { cameras, microphones, speakers } = view.devices;
  const options = (list: MediaDeviceInfo[], kind: string): { id: string; label: string }[] =>
    list.map((one, index) => ({ id: one.deviceId, label: one.label || t('device', { kind, number: index + 1 }) }));
  const help = ['denied', 'busy', 'missing'].find((state) => view.camera === state || view.microphone === state);
  return (
    <Dialog title={t('more')} isOpen={isOpen} onClose={onClose}>
      {help && <Banner tone="warn">{t(`help.${help}`)}</Banner>}
      {cameras.length > 0 && (
        <Select
          label={t('camera')}
          options={options(cameras, t('camera'))}
          value={view.cameraId}
          onChange={(id) => void controller.chooseCamera(id)}
        />
      )}
      {microphones.length > 0 && (
        <Select
          label={t('microphone')}
          options={options(microphones, t('microphone'))}
          value={view.microphoneId}
          onChange={(id) => void controller.chooseMicrophone(id)}
        />
      )}
      {speakers.length > 0 && 'setSinkId' in HTMLMediaElement.prototype && (
        <Select
          label={t('speaker')}
          options={options(speakers, t('speaker'))}
          value={view.speakerId ?? speakers[0]?.deviceId ?? null}
          onChange={(id) => controller.chooseSpeaker(id)}
        />
      )}
      <Select
        label={t('data.label')}
        options={DATA_USES.map((use) => ({ id: use, label: t(`data.${use}`), hint: t(`data.${use}-hint`) }))}
        value={view.dataUse}
        onChange={(use) => void controller.chooseDataUse(use)}
      />
      {cameras.length > 1 && (
        <Button icon="swap" onPress={() => void controller.nextCamera()}>
          {t('next-camera')}
        </Button>
      )}
      {canShareScreen() && (
        <Button icon="monitor" onPress={() => void (view.sharing ? controller.stopScreen() : controller.shareScreen())}>
          {t(view.sharing ? 'stop-screen' : 'share-screen')}
        </Button>
      )}
    </Dialog>
  );
}
