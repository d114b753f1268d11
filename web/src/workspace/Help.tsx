import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Checkbox, Dialog } from '../design';
import { DataTable } from '../design/DataTable';
import { type ShortcutName, shortcutKeys, useShortcutsEnabled } from './shortcuts';

/** The keys, and the switch that turns them off. */
export function Help({ isOpen, onClose }: { isOpen: boolean; onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const [enabled, setEnabled] = useShortcutsEnabled();
  return (
    <Dialog title={t('keys.title')} isOpen={isOpen} onClose={onClose}>
      <Checkbox plain isSelected={enabled} onChange={setEnabled} hint={t('keys.explain')}>
        {t('keys.on')}
      </Checkbox>
      <DataTable
        caption={t('keys.title')}
        captionHidden
        rows={Object.keys(shortcutKeys) as ShortcutName[]}
        rowKey={(name) => name}
        columns={[
          { id: 'key', title: t('keys.col.key'), cell: (name) => <Keys keys={shortcutKeys[name]} /> },
          { id: 'does', title: t('keys.col.does'), cell: (name) => t(`keys.${name}`) },
        ]}
      />
    </Dialog>
  );
}

function Keys({ keys }: { keys: string[] }): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <span className="keys">
      {keys.map((key, index) => (
        <span key={key}>
          {index > 0 && <span className="soft small"> {t('keys.then')} </span>}
          <kbd>{key}</kbd>
        </span>
      ))}
    </span>
  );
}
