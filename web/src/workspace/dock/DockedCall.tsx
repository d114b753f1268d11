import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { VisitState } from '../../api/messages';
import { CallStage } from '../../call/CallStage';
import { useCall } from '../../call/useCall';
import { useWakeLock } from '../../call/useWakeLock';
import { Button, Icon } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { useShortcuts } from '../shortcuts';

/** The call in its place beside the chart, or why there is none at the moment. */
export function DockedCall({ unread, onChat }: MessagesProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, consult } = useRoom();
  const [left, setLeft] = useState(false);
  if (visit.state === 'in-progress' && !left)
    return <LiveCall unread={unread} onChat={onChat} onLeave={() => setLeft(true)} />;
  return (
    <div className="no-call">
      <Icon name={visit.state === 'onleave' ? 'pause' : 'camera'} size={26} />
      <p>{left && visit.state === 'in-progress' ? t('dock.left') : t(wordFor(visit.state, consult))}</p>
      {left && visit.state === 'in-progress' && (
        <Button kind="primary" icon="camera" onPress={() => setLeft(false)}>
          {t('dock.rejoin')}
        </Button>
      )}
    </div>
  );
}

interface MessagesProps {
  unread: number;
  onChat(): void;
}

function LiveCall({ unread, onChat, onLeave }: MessagesProps & { onLeave(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit } = useRoom();
  const call = useCall(true);
  useWakeLock(true);
  useShortcuts({ mute: () => void call.controller.toggleMicrophone() });
  return (
    <CallStage
      layout="docked"
      call={call}
      alone={<p>{t('dock.alone', { name: visit.patient.name })}</p>}
      unread={unread}
      onChat={onChat}
      onLeave={onLeave}
    />
  );
}

function wordFor(state: VisitState, consultant: boolean): string {
  switch (state) {
    case 'planned':
    case 'arrived':
      return consultant ? 'consult.waiting' : 'dock.before';
    case 'onleave':
      return consultant ? 'dock.awayOther' : 'dock.away';
    case 'cancelled':
      return 'dock.noCall';
    default:
      return 'dock.ended';
  }
}
