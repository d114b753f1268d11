import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Speaker, address } from '../api/client';
import type { Photo } from '../api/messages';
import { Button } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { Icon } from '../design/Icon';
import { ProgressBar } from '../design/surfaces';
import { formatTime } from '../shell/when';
import { usePhotoQueue } from './PhotoQueueProvider';
import { type Pending, isPhoto } from './store';
import './photos.css';

/** The photos of a visit in a row: those on their way first seen with their progress, then those that arrived. */
export function PhotoStrip({ photos, as }: { photos: readonly Photo[]; as: Speaker }): ReactElement {
  const { t } = useTranslation(['photos', 'errors']);
  const [open, setOpen] = useState<Photo | null>(null);
  return (
    <>
      <ul className="photo-strip" aria-label={t('photos:photos')}>
        {photos.map((photo) => (
          <li key={photo.id}>
            <button type="button" className="photo-thumb" onClick={() => setOpen(photo)}>
              <Thumb photo={photo} as={as} />
              <span className="photo-caption">{siteOf(t, photo)}</span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Dialog title={siteOf(t, open)} isOpen onClose={() => setOpen(null)} width={860}>
          {open.preview && open.preview_url ? (
            <img className="photo-large" src={address(open.preview_url, as)} alt={siteOf(t, open)} />
          ) : (
            <p className="soft">{t('photos:no-preview')}</p>
          )}
          <p className="soft small">
            {t('photos:by', { name: open.by, time: formatTime(open.at) })} · {megabytes(open.size)}
          </p>
          <a className="button" data-kind="secondary" href={address(open.original_url, as)} download>
            <Icon name="download" size={20} />
            {t('photos:original')}
          </a>
        </Dialog>
      )}
    </>
  );
}

/** What is still on its way, with its progress, and what failed, with what to do. */
export function PendingPhotos(): ReactElement | null {
  const { t } = useTranslation(['photos', 'errors']);
  const { queue, view } = usePhotoQueue();
  const photos = view.items.filter(isPhoto);
  if (photos.length === 0) return null;
  return (
    <ul className="photo-pending" aria-label={t('photos:on-the-way')}>
      {photos.map((pending) => (
        <li key={pending.id}>
          <div className="photo-pending-head">
            <span>{siteOf(t, { body_site: pending.bodySite ?? 'other', side: pending.side ?? 'none' })}</span>
            <span className="soft small" role="status">
              {pending.failed ? t('photos:failed') : t(view.state === 'waiting' ? 'photos:waiting' : 'photos:sending', { percent: percentOf(pending) })}
            </span>
          </div>
          {pending.failed ? (
            <>
              <p className="field-error">
                <Icon name="alert" size={18} />
                {t([pending.failed, 'upload.other'], { ns: 'errors' })}
              </p>
              <div className="row">
                {mayTryAgain(pending.failed) && (
                  <Button icon="refresh" onPress={() => void queue.retry(pending.id)}>
                    {t('try-again', { ns: 'shell' })}
                  </Button>
                )}
                <Button icon="trash" onPress={() => void queue.discard(pending.id)}>
                  {t('photos:discard')}
                </Button>
              </div>
            </>
          ) : (
            <ProgressBar value={pending.sent / pending.size} label={t('photos:progress')} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Thumb({ photo, as }: { photo: Photo; as: Speaker }): ReactElement {
  const [broken, setBroken] = useState(false);
  if (!photo.preview || !photo.preview_url || broken) {
    return (
      <span className="photo-image">
        <Icon name="photo" size={32} />
      </span>
    );
  }
  return <img className="photo-image" src={address(photo.preview_url, as)} alt="" loading="lazy" onError={() => setBroken(true)} />;
}

type Words = (key: string) => string;

function siteOf(t: Words, photo: Pick<Photo, 'body_site' | 'side'>): string {
  const site = t(`photos:site.${photo.body_site}`);
  return photo.side === 'none' ? site : `${site} · ${t(`photos:side.${photo.side}`)}`;
}

function percentOf(pending: Pending): number {
  return Math.floor((100 * pending.sent) / pending.size);
}

function mayTryAgain(code: string): boolean {
  return !['upload.type', 'upload.too-large', 'upload.corrupt'].includes(code);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}
