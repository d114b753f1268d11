import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Empty } from '../../design';
import { PeerList } from '../peers/PeerList';
import { MessagesHead } from './MessagesHead';
import { SenderDialog } from './SenderDialog';
import { SenderRows } from './SenderRows';
import { useSenders } from './requests';
import { SENDERS_AT, SENDERS_KEY, type Sender } from './senders';

/** `/admin/messages/senders`: which systems may send HL7 v2, and how they are understood. */
export default function SendersPage(): ReactElement {
  const { t } = useTranslation(['hl7v2', 'peers']);
  const [said, setSaid] = useState<string | null>(null);
  const navigate = useNavigate();
  return (
    <PeerList<Sender>
      peers={useSenders()}
      head={(add) => <MessagesHead explain={t('senders.explain')}>{add}</MessagesHead>}
      add={t('senders.add')}
      said={said}
      onSay={setSaid}
      empty={
        <Empty icon="swap" title={t('senders.empty')}>
          {t('senders.emptyHint')}
        </Empty>
      }
      rows={(senders, actions) => <SenderRows senders={senders} actions={actions} />}
      more={({ id }) => [
        {
          id: 'messages',
          label: t('peers:messages'),
          icon: 'swap',
          run: () => void navigate(`/admin/messages?${new URLSearchParams({ sender: id }).toString()}`),
        },
      ]}
      dialog={(props) => <SenderDialog {...props} />}
      removal={() => ({ at: SENDERS_AT, changes: [SENDERS_KEY], warning: <p>{t('senders.removeBody')}</p> })}
    />
  );
}
