import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Icon } from '../../design';
import { Parts } from '../../design/Parts';
import { ChatPanel } from '../../visit/ChatPanel';
import { useRoom } from '../../visit/VisitRoom';
import { DockedCall } from './DockedCall';
import { VitalsPanel } from './VitalsPanel';

/** Beside the chart: the call, the vitals and the chat. */
export function Dock({ large, onLarge }: { large: boolean; onLarge(large: boolean): void }): ReactElement {
  const { t } = useTranslation(['workspace', 'call']);
  const { visit, as } = useRoom();
  const [part, setPart] = useState<'vitals' | 'chat'>('vitals');
  const inCall = visit.state === 'in-progress';
  return (
    <aside className="dock" aria-label={t('dock.label')}>
      <div className="dock-call">
        <DockedCall />
        {inCall && (
          <span className="dock-size">
            <Button icon={large ? 'shrink' : 'expand'} iconOnly onPress={() => onLarge(!large)}>
              {large ? t('dock.shrink') : t('dock.enlarge')}
            </Button>
          </span>
        )}
      </div>
      <People />
      <Parts<'vitals' | 'chat'>
        label={t('dock.label')}
        alwaysTabs
        selected={part}
        onSelect={setPart}
        parts={[
          {
            id: 'vitals',
            label: t('dock.vitals'),
            icon: 'pulse',
            content: <VitalsPanel readOnly={as === 'visit' || visit.state === 'cancelled'} />,
          },
          { id: 'chat', label: t('dock.chat'), icon: 'chat', content: <ChatPanel /> },
        ]}
      />
    </aside>
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
          <span className="hidden-text">{person.present ? t('queue.present') : t('queue.absent')}</span>
        </li>
      ))}
    </ul>
  );
}
