import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Speaker, address } from '../../api/client';
import type { Photo } from '../../api/messages';
import { Button, Dialog, Icon } from '../../design';
import { formatDayTime, formatSize } from '../../format';

/** Photos by body site; one opens large, the others are a step away. */
export function PhotoGrid({ photos, as }: { photos: readonly Photo[]; as: Speaker }): ReactElement {
  const { t } = useTranslation('workspace');
  const what = useWhat();
  const [open, setOpen] = useState<number | null>(null);
  const photo = open === null ? undefined : photos[open];
  return (
    <>
      <ul className="photos">
        {photos.map((one, index) => (
          <li key={one.id}>
            <button
              type="button"
              className="photo"
              onClick={() => setOpen(index)}
              aria-label={t('photos.open', { what: what(one) })}
            >
              <Picture photo={one} as={as} />
              <span className="photo-caption">
                <span>{what(one)}</span>
                <span className="soft small numbers">{formatDayTime(one.at)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {photo && open !== null && (
        <Dialog title={what(photo)} isOpen onClose={() => setOpen(null)} width={1000}>
          <div className="photo-large">
            <Picture photo={photo} as={as} key={photo.id} />
          </div>
          <div className="photo-bar">
            <span className="soft numbers">
              {formatDayTime(photo.at)} · {formatSize(photo.size)}
              {photo.width && photo.height ? ` · ${photo.width} × ${photo.height}` : ''}
            </span>
            <span className="row">
              <Button kind="quiet" icon="arrow-left" iconOnly isDisabled={open === 0} onPress={() => setOpen(open - 1)}>
                {t('photos.previous')}
              </Button>
              <Button
                kind="quiet"
                icon="arrow-right"
                iconOnly
                isDisabled={open === photos.length - 1}
                onPress={() => setOpen(open + 1)}
              >
                {t('photos.next')}
              </Button>
              <a className="button" data-kind="secondary" href={address(photo.original_url, as)} download>
                <Icon name="download" size={20} />
                {t('photos.original')}
              </a>
            </span>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** The derived preview; says so when there is none or it does not load, never another photo in its place. */
function Picture({ photo, as }: { photo: Photo; as: Speaker }): ReactElement {
  const { t } = useTranslation('workspace');
  const what = useWhat();
  const [failed, setFailed] = useState(false);
  if (!photo.preview || !photo.preview_url || failed) {
    return (
      <span className="photo-none">
        <Icon name="photo" size={28} />
        {failed ? t('photos.failed') : t('photos.noPreview')}
      </span>
    );
  }
  return <img src={address(photo.preview_url, as)} alt={what(photo)} loading="lazy" onError={() => setFailed(true)} />;
}

function useWhat(): (photo: Photo) => string {
  const { t } = useTranslation('workspace');
  return (photo) => {
    const site = t(`site.${photo.body_site}`);
    return photo.side === 'none' ? site : `${site}, ${t(`side.${photo.side}`)}`;
  };
}
