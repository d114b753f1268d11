import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Icon, type IconName } from '../design/Icon';
import { DeviceDialog } from './DeviceDialog';
import type { Call } from './useCall';

export interface CallControlsProps {
  call: Call;
  /** Left out where photos or messages have a place of their own. */
  onPhoto?: () => void;
  onChat?: () => void;
  unread?: number;
  /** After it was confirmed. */
  onLeave(): void;
}

/** One row of labelled controls; leaving stands apart and is asked about. */
export function CallControls({ call, onPhoto, onChat, unread = 0, onLeave }: CallControlsProps): ReactElement {
  const { t } = useTranslation('call');
  const { view, controller } = call;
  const [more, setMore] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const microphoneOn = view.microphone === 'on';
  const cameraOn = view.camera === 'on';
  return (
    <div className="call-controls" role="toolbar" aria-label={t('controls')}>
      <div className="call-controls-main">
        <Control
          icon={microphoneOn ? 'microphone' : 'microphone-off'}
          label={t('mic')}
          name={t('microphone')}
          state={t(`state.${view.microphone}`)}
          pressed={microphoneOn}
          onPress={() => void controller.toggleMicrophone()}
        />
        <Control
          icon={cameraOn ? 'camera' : 'camera-off'}
          label={t('camera')}
          state={t(`state.${view.camera}`)}
          pressed={cameraOn}
          onPress={() => void controller.toggleCamera()}
        />
        {onPhoto && <Control icon="photo" label={t('photo')} onPress={onPhoto} />}
        {onChat && <Control icon="chat" label={t('messages')} badge={unread} onPress={onChat} />}
        <Control icon="more" label={t('more')} onPress={() => setMore(true)} />
      </div>
      <Control icon="leave" label={t('leave')} danger onPress={() => setLeaving(true)} />
      <DeviceDialog call={call} isOpen={more} onClose={() => setMore(false)} />
      <Dialog
        title={t('leave-title')}
        role="alertdialog"
        isOpen={leaving}
        onClose={() => setLeaving(false)}
        actions={
          <>
            <Button onPress={() => setLeaving(false)}>{t('leave-stay')}</Button>
            <Button
              kind="danger"
              onPress={() => {
                setLeaving(false);
                onLeave();
              }}
            >
              {t('leave-confirm')}
            </Button>
          </>
        }
      >
        <p>{t('leave-text')}</p>
      </Dialog>
    </div>
  );
}

interface ControlProps {
  icon: IconName;
  label: string;
  /** The label in full, where it is shortened. */
  name?: string;
  /** Spoken after the label: on, off, denied. */
  state?: string;
  pressed?: boolean;
  badge?: number;
  danger?: boolean;
  onPress(): void;
}

function Control({ icon, label, name = label, state, pressed, badge, danger, onPress }: ControlProps): ReactElement {
  return (
    <AriaButton
      className="call-control"
      data-off={pressed === false || undefined}
      data-danger={danger || undefined}
      aria-label={[name, state, badge ? String(badge) : ''].filter(Boolean).join(', ')}
      onPress={onPress}
    >
      <span className="call-control-icon">
        <Icon name={icon} size={24} />
        {badge ? <span className="call-badge numbers">{badge}</span> : null}
      </span>
      <span className="call-control-label">{label}</span>
    </AriaButton>
  );
}
