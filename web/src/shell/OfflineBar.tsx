import { type ReactElement, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../design/Icon';

function listen(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function useOnline(): boolean {
  return useSyncExternalStore(listen, () => navigator.onLine);
}

/** Says on every page that the network is gone; nothing else needs to. */
export function OfflineBar(): ReactElement | null {
  const { t } = useTranslation('shell');
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <div className="banner" data-tone="warn" style={{ borderRadius: 0, justifyContent: 'center', paddingBlock: 8 }}>
          <Icon name="wifi-off" size={20} />
          {t('offline')}
        </div>
      )}
    </div>
  );
}
