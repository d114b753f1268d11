import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../../design';
import { useRoom } from '../../visit/VisitRoom';
import { PhotoGrid } from './PhotoGrid';

export function PhotosPart(): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, as } = useRoom();
  if (visit.photos.length === 0) {
    return (
      <Empty icon="photo" title={t('photos.none.title')}>
        {t('photos.none.body')}
      </Empty>
    );
  }
  return <PhotoGrid photos={visit.photos} as={as} />;
}
