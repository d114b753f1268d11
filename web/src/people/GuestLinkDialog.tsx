import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { CopyBox } from '../design/CopyBox';
import { Dialog } from '../design/Dialog';

/** A guest's link: shown this once, to copy or to hand to the phone's own way of sending. */
export function GuestLinkDialog({ name, url, onClose }: { name: string; url: string; onClose(): void }): ReactElement {
  const { t } = useTranslation('people');
  const canShare = typeof navigator.share === 'function';
  return (
    <Dialog
      title={t('link.title', { name })}
      isOpen
      onClose={onClose}
      width={620}
      actions={<Button onPress={onClose}>{t('link.done')}</Button>}
    >
      <p className="soft">{t('link.text')}</p>
      <CopyBox label={t('link.title', { name })} text={url} copy={t('link.copy')} copied={t('link.copied')} failed={t('link.failed')} />
      {canShare && (
        <div className="row">
          <Button kind="quiet" icon="share" onPress={() => void navigator.share({ url }).catch(() => undefined)}>
            {t('link.share')}
          </Button>
        </div>
      )}
    </Dialog>
  );
}
