import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../../design';
import { PeerList } from '../peers/PeerList';
import { DicomPeerDialog } from './DicomPeerDialog';
import { DicomPeerRows } from './DicomPeerRows';
import { type DicomPeer, PEERS_AT, PEERS_KEY } from './peers';
import { useOwnTitle, usePeers } from './requests';

/** `/admin/peers`: which devices and archives exchange images over DICOM, and what each may. */
export default function PeersPage(): ReactElement {
  const { t } = useTranslation('dicom');
  const [said, setSaid] = useState<string | null>(null);
  return (
    <PeerList<DicomPeer>
      peers={usePeers()}
      head={(add) => <Head>{add}</Head>}
      add={t('add')}
      said={said}
      onSay={setSaid}
      empty={
        <Empty icon="photo" title={t('empty')}>
          {t('emptyHint')}
        </Empty>
      }
      rows={(peers, actions) => <DicomPeerRows peers={peers} actions={actions} />}
      dialog={(props) => <DicomPeerDialog {...props} />}
      removal={() => ({ at: PEERS_AT, changes: [PEERS_KEY], warning: <p>{t('removeBody')}</p> })}
    />
  );
}

/** What it is, what others call this server, and what can be done. */
function Head({ children }: { children: ReactElement }): ReactElement {
  const { t } = useTranslation('dicom');
  const own = useOwnTitle();
  return (
    <div className="admin-head">
      <div>
        <h2>{t('heading')}</h2>
        <p className="soft">{t('explain')}</p>
        {own !== undefined && (
          <p>
            {t('own')} <code className="peer-whole">{own}</code>
          </p>
        )}
      </div>
      {children}
    </div>
  );
}
