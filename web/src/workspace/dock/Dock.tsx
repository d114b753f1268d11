import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Icon } from '../../design';
import { Parts } from '../../design/Parts';
import { ChatPanel } from '../../visit/ChatPanel';
import { useRoom } from '../../visit/VisitRoom';
import { Lobby } from '../../people/Lobby';
import { PeoplePanel } from '../../people/PeoplePanel';
import { DockedCall } from './DockedCall';
import { VitalsPanel } from './VitalsPanel';

type DockPart = 'vitals' | 'chat' | 'people';

/** Beside the chart: the call, the vitals and the chat. */
export function Dock({ large, onLarge }: { large: boolean; onLarge(large: boolean): void }): ReactElement {
  const { t } = useTranslation(['workspace', 'call']);
  const { visit, consult, chat } = useRoom();
  const [part, setPart] = useState<DockPart>('vitals');
  const inCall = visit.state === 'in-progress';
  const side = useRef<HTMLDivElement>(null);
  const [read, setRead] = useState(chat.length);
  const unread = Math.max(0, chat.length - read);
  useEffect(() => {
    if (part === 'chat') setRead(chat.length);
  }, [part, chat.length]);
  const openChat = (): void => {
    setPart('chat');
    // On a phone the messages stand below the chart.
    requestAnimationFrame(() => side.current?.scrollIntoView({ block: 'nearest' }));
  };
  return (
    <aside className="dock" aria-label={t('dock.label')}>
      <div className="dock-call">
        <DockedCall unread={part === 'chat' ? 0 : unread} onChat={openChat} />
        {inCall && (
          <span className="dock-size">
            <Button icon={large ? 'shrink' : 'expand'} iconOnly onPress={() => onLarge(!large)}>
              {large ? t('dock.shrink') : t('dock.enlarge')}
            </Button>
          </span>
        )}
      </div>
      <div className="dock-side" ref={side}>
        <People />
        {!consult && part !== 'people' && <Lobby />}
        <Parts<DockPart>
          label={t('dock.label')}
          alwaysTabs
          selected={part}
          onSelect={setPart}
          parts={[
            {
              id: 'vitals',
              label: t('dock.vitals'),
              icon: 'pulse',
              content: <VitalsPanel readOnly={consult || visit.state === 'cancelled'} />,
            },
            { id: 'chat', label: t('dock.chat'), icon: 'chat', mark: <Unread of={unread} />, content: <ChatPanel /> },
            { id: 'people', label: t('dock.people'), icon: 'users', content: <PeoplePanel /> },
          ]}
        />
      </div>
    </aside>
  );
}

function Unread({ of }: { of: number }): ReactElement | null {
  const { t } = useTranslation('workspace');
  if (of === 0) return null;
  return (
    <span className="new-mark numbers">
      {of}
      <span className="hidden-text"> {t('chat.unread', { count: of })}</span>
    </span>
  );
}

/** Who is connected. */
function People(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, you } = useRoom();
  return (
    <ul className="people-line" aria-label={t('visit.people')}>
      {visit.participants.map((person) => (
        <li key={person.id}>
          <span className="presence" data-present={person.present || undefined} />
          <span>
            {person.id === you ? t('chat.you') : person.name}
            <span className="soft small"> {t(`visit.role.${person.role}`)}</span>
          </span>
          {person.media === 'connected' && <Icon name="camera" size={15} label={t('dock.inCall')} />}
          {person.media === 'sound' && <Icon name="speaker" size={15} label={t('dock.soundOnly')} />}
          <span className="hidden-text">{person.present ? t('queue.present') : t('queue.absent')}</span>
        </li>
      ))}
    </ul>
  );
}
