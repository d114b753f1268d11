import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components/Button';
import type { Call } from '../call/useCall';
import { Dialog } from '../design/Dialog';
import { Icon } from '../design/Icon';
import { useRoom } from '../visit/VisitRoom';
import { ChannelBar } from './ChannelBar';
import { ObserverQuestion } from './ObserverQuestion';
import { PeoplePanel } from './PeoplePanel';
import { SilenceNotice } from './SilenceNotice';
import './people.css';

/** In the call: who is there, what the clinician decided about one, and in which language one hears. */
export default function RoomBar({ call, layout }: { call: Call; layout: 'full' | 'docked' }): ReactElement | null {
  const { t } = useTranslation('people');
  const { visit } = useRoom();
  const [open, setOpen] = useState(false);
  const here = visit.participants.filter((one) => one.present).length;
  return (
    <>
      {layout === 'full' && (
        <AriaButton className="call-network room-people" onPress={() => setOpen(true)}>
          <Icon name={visit.locked ? 'lock' : 'users'} size={18} />
          {t('here', { count: here })}
        </AriaButton>
      )}
      <div className="room-bar">
        <SilenceNotice call={call} />
        <ObserverQuestion />
        <ChannelBar />
      </div>
      <Dialog title={t('title')} isOpen={open} onClose={() => setOpen(false)} side>
        <PeoplePanel />
      </Dialog>
    </>
  );
}
