import { type ReactElement, type ReactNode, Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { Icon, type IconName } from '../design/Icon';
import { RecordingMark } from '../recording/RecordingMark';
import { CallControls, type CallControlsProps } from './CallControls';
import { RemoteSound } from './RemoteSound';
import { SelfView } from './SelfView';
import { VideoTile } from './VideoTile';
import { isForemost } from './foremost';
import type { NetworkWord } from './networkWords';
import './call.css';

/** Fetched when a call begins; without it the call goes on. */
const RoomBar = lazy(() => import('../people/RoomBar').catch(() => ({ default: () => null })));

export interface CallStageProps extends CallControlsProps {
  /** `full` takes the window, as on the patient's phone; `docked` its place beside the chart. */
  layout: 'full' | 'docked';
  /** Shown while nobody else is there. */
  alone: ReactNode;
  /** Above the pictures: the clinician has stepped away, and the like. */
  notice?: ReactNode;
}

const NETWORK_ICON: Record<NetworkWord, IconName> = {
  good: 'signal',
  weak: 'wifi',
  'audio-only': 'wifi',
  sound: 'speaker',
  reconnecting: 'refresh',
  connecting: 'refresh',
  busy: 'clock',
  'busy-sound': 'speaker',
  restarting: 'refresh',
  over: 'wifi-off',
};

/** The pictures, the state of the network in words, and the controls. */
export function CallStage({ layout, alone, notice, ...controls }: CallStageProps): ReactElement {
  const { t } = useTranslation('call');
  const { call } = controls;
  const { view, people, network } = call;
  const screens = people.filter((person) => person.screen);
  // Of many, patient and clinician stand in front.
  const many = people.length > 2;
  const front = many ? people.filter((person) => isForemost(person, people)) : people;
  const behind = people.filter((person) => !front.includes(person));
  const tiles = screens.length + front.length;
  const pictures = { onShown: call.controller.shown, soundOnly: view.dataUse === 'sound' };
  return (
    <section className="call" data-layout={layout} aria-label={t('call')}>
      <div className="call-top">
        <p className="call-network" data-network={network} role="status">
          <Icon name={NETWORK_ICON[network]} size={18} />
          {t(`network.${network}`)}
        </p>
        <RecordingMark />
        {view.restarting && network !== 'restarting' && (
          <p className="call-network" data-network="weak" data-soon role="status">
            <Icon name="refresh" size={18} />
            {t('restart-soon')}
          </p>
        )}
        {view.dataUse !== 'full' && (
          <p className="call-network">
            <Icon name="wifi" size={18} />
            {t(`data.${view.dataUse}`)}
          </p>
        )}
        {view.sharing && (
          <p className="call-network" data-network="weak">
            <Icon name="monitor" size={18} />
            {t('sharing')}
          </p>
        )}
        <Suspense fallback={null}>
          <RoomBar call={call} layout={layout} />
        </Suspense>
      </div>
      {notice && <div className="call-notice">{notice}</div>}
      <div className="call-pictures" data-tiles={Math.min(tiles, 6)} data-screen={screens.length > 0 || undefined} data-many={many || undefined}>
        {screens.map((person) => (
          <VideoTile key={`${person.id}-screen`} person={person} screen {...pictures} />
        ))}
        {front.map((person) => (
          <VideoTile key={person.id} person={person} {...pictures} />
        ))}
        {behind.length > 0 && (
          <div className="call-strip" role="group" aria-label={t('others')} tabIndex={0}>
            {behind.map((person) => (
              <VideoTile key={person.id} person={person} {...pictures} />
            ))}
          </div>
        )}
        {people.length === 0 && <div className="call-alone">{alone}</div>}
        <SelfView view={view} />
      </div>
      <Ended call={call} />
      <RemoteSound people={people} speakerId={view.speakerId} />
      {network === 'audio-only' && view.camera === 'on' && (
        <div className="call-sound">
          <Button icon="camera-off" onPress={() => void call.controller.toggleCamera()}>
            {t('save-sound')}
          </Button>
        </div>
      )}
      <CallControls {...controls} />
    </section>
  );
}

/** The call is over for this window while the visit goes on. */
function Ended({ call }: Pick<CallStageProps, 'call'>): ReactElement | null {
  const { t } = useTranslation('call');
  const { state } = call.view.call;
  if (state !== 'replaced' && state !== 'ended' && state !== 'rejected') return null;
  return (
    <div className="call-ended" role="alert">
      <p>{t(`ended.${state}`)}</p>
      <Button kind="primary" icon="refresh" onPress={() => void call.controller.joinAgain()}>
        {t('ended.again')}
      </Button>
    </div>
  );
}
