import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceState } from '../api/messages';
import { type LocalMedia, watchLevel } from '../call/localMedia';
import { Button } from '../design/Button';
import { Icon, type IconName } from '../design/Icon';
import { Banner, StatusPill } from '../design/surfaces';
import { playChime } from './chime';
import { DeviceHelp } from './DeviceHelp';

interface CheckProps {
  icon: IconName;
  title: string;
  state?: ReactNode;
  children?: ReactNode;
}

/** One thing that is checked: its name, its state in a word, and what can be done. */
export function Check({ icon, title, state, children }: CheckProps): ReactElement {
  return (
    <section className="card check">
      <div className="card-head">
        <h2 className="check-title">
          <Icon name={icon} />
          {title}
        </h2>
        {state}
      </div>
      {children}
    </section>
  );
}

export function CameraCheck(props: { media: LocalMedia | null; opening: boolean; onOpen(): void }): ReactElement {
  const { t } = useTranslation('patient');
  const { media, opening, onOpen } = props;
  const picture = useRef<HTMLVideoElement>(null);
  const stream = media?.stream ?? null;
  useEffect(() => {
    if (picture.current) picture.current.srcObject = stream;
  }, [stream]);
  const title = t('device.camera');
  if (!media) {
    return (
      <Check icon="camera" title={title}>
        <p>{t('device.ask')}</p>
        <Button kind="primary" icon="camera" isPending={opening} onPress={onOpen}>
          {t('device.turn-on')}
        </Button>
      </Check>
    );
  }
  if (media.camera !== 'ok') {
    return (
      <Check icon="camera-off" title={title} state={<DevicePill state={media.camera} />}>
        <DeviceHelp device="camera" state={media.camera} busy={opening} onRetry={onOpen} />
      </Check>
    );
  }
  return (
    <Check icon="camera" title={title} state={<DevicePill state="ok" />}>
      <video className="preview mirrored" ref={picture} autoPlay muted playsInline aria-label={t('device.picture')} />
      <p className="soft small">{t('device.mirrored')}</p>
    </Check>
  );
}

export function MicrophoneCheck({ media, onOpen }: { media: LocalMedia; onOpen(): void }): ReactElement {
  const { t } = useTranslation('patient');
  const bar = useRef<HTMLDivElement>(null);
  const [heard, setHeard] = useState(false);
  const { stream, microphone } = media;
  useEffect(
    () =>
      watchLevel(stream, (level) => {
        if (bar.current) bar.current.style.transform = `scaleX(${level})`;
        if (level > 0.45) setHeard(true);
      }),
    [stream],
  );
  const title = t('device.microphone');
  if (microphone !== 'ok') {
    return (
      <Check icon="microphone-off" title={title} state={<DevicePill state={microphone} />}>
        <DeviceHelp device="microphone" state={microphone} busy={false} onRetry={onOpen} />
      </Check>
    );
  }
  return (
    <Check icon="microphone" title={title} state={heard && <DevicePill state="ok" />}>
      <p>{t(heard ? 'device.heard' : 'device.say')}</p>
      <div className="meter" aria-hidden="true">
        <div className="meter-fill" ref={bar} />
      </div>
    </Check>
  );
}

export function SpeakerCheck(props: { heard: boolean | null; onHeard(heard: boolean): void }): ReactElement {
  const { t } = useTranslation('patient');
  const { heard, onHeard } = props;
  const [played, setPlayed] = useState(false);
  return (
    <Check icon="speaker" title={t('device.speaker')} state={heard && <DevicePill state="ok" />}>
      <div className="row">
        <Button
          icon="play"
          onPress={() => {
            playChime();
            setPlayed(true);
          }}
        >
          {t(played ? 'device.play-again' : 'device.play')}
        </Button>
      </div>
      {played && heard === null && (
        <div className="stack">
          <p>{t('device.did-you-hear')}</p>
          <div className="row">
            <Button onPress={() => onHeard(true)}>{t('device.yes')}</Button>
            <Button onPress={() => onHeard(false)}>{t('device.no')}</Button>
          </div>
        </div>
      )}
      {heard === false && (
        <Banner tone="warn" title={t('device.not-heard')}>
          {t('device.not-heard-help')}
        </Banner>
      )}
    </Check>
  );
}

function DevicePill({ state }: { state: DeviceState }): ReactElement {
  const { t } = useTranslation('patient');
  return <StatusPill tone={state === 'ok' ? 'ok' : 'warn'}>{t(`device.state.${state}`)}</StatusPill>;
}
