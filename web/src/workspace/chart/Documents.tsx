import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart, DocumentEntry } from '../../api/chart';
import type { Speaker } from '../../api/client';
import { Card, Icon, StatusPill } from '../../design';
import { formatDate, formatSize } from '../../format';
import { PhotoGrid } from '../visit/PhotoGrid';
import { Folded, List, type Shown } from './Entries';
import { useWord } from './words';

/** Documents of other systems, and photos of visits. `fetches`: whether the reader may have what a document holds. */
export function Documents({ chart, as, fetches }: { chart: Chart; as: Speaker; fetches: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const word = useWord();
  const show = (document: DocumentEntry): Shown => ({
    id: document.id,
    name: document.text ?? document.kind,
    resource: 'DocumentReference',
    main: <span className="entry-name">{document.text ?? document.kind}</span>,
    pills: document.status !== 'current' && <StatusPill>{word('documentStatus', document.status)}</StatusPill>,
    details: [
      [document.text && document.kind, document.at && formatDate(document.at), document.by].filter(Boolean).join(' · '),
      fetches && document.contents.some(({ url }) => url) && <Contents contents={document.contents} name={document.text ?? document.kind} />,
    ],
  });
  const sorted = [...chart.documents].sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''));
  const current = sorted.filter(({ status }) => status !== 'entered-in-error');
  return (
    <Card title={t('documents.title')} level={3}>
      {current.length === 0 && chart.photos.length === 0 && <p className="soft">{t('documents.none')}</p>}
      {current.length > 0 && <List shown={current.map(show)} />}
      {chart.photos.length > 0 && (
        <>
          <h4>{t('documents.photos')}</h4>
          <PhotoGrid photos={chart.photos} as={as} />
        </>
      )}
      <Folded
        struck
        label={(count) => t('inError', { count })}
        shown={sorted.filter(({ status }) => status === 'entered-in-error').map(show)}
      />
    </Card>
  );
}

function Contents({ contents, name }: { contents: DocumentEntry['contents']; name: string }): ReactElement {
  const { t } = useTranslation('record');
  return (
    <span className="row">
      {contents.map(
        ({ url, size }) =>
          url && (
            <a key={url} href={url} download>
              <Icon name="download" size={14} /> {t('documents.fetch', { name: contents.length > 1 ? url : name })}
              {size !== null && ` (${formatSize(size)})`}
            </a>
          ),
      )}
    </span>
  );
}
