import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { EntryVersion } from '../../../api/chart';
import { Dialog, Failure, Icon, Loading } from '../../../design';
import { formatDate, formatTimeWithSeconds } from '../../../format';
import { ChangeList } from './ChangeList';
import { changesBetween } from './diff';
import { useAuthor, useFieldWord, useHistory } from './useHistory';

export interface HistoryDialogProps {
  patientId: string;
  resource: string;
  id: string;
  name: string;
  onClose(): void;
}

/** Who changed what of an entry, and when; the newest first. */
export function HistoryDialog({ patientId, resource, id, name, onClose }: HistoryDialogProps): ReactElement {
  const { t } = useTranslation('record');
  const history = useHistory(patientId, resource, id);
  const versions = history.data?.versions ?? [];
  return (
    <Dialog title={t('history.title', { name })} isOpen onClose={onClose} width={640}>
      {history.isPending && <Loading />}
      {history.isError && <Failure error={history.error} onRetry={() => void history.refetch()} />}
      <ol className="versions">
        {versions.map((version, index) => (
          <li key={version.version}>
            <Version version={version} before={versions[index + 1] ?? null} />
          </li>
        ))}
      </ol>
      {history.data?.more && <p className="soft">{t('history.more')}</p>}
    </Dialog>
  );
}

function Version({ version, before }: { version: EntryVersion; before: EntryVersion | null }): ReactElement {
  const { t } = useTranslation('record');
  const author = useAuthor();
  const word = useFieldWord();
  const first = version.version === 1;
  return (
    <>
      <p className="version-head">
        <strong>{version.resource ? t(first ? 'history.written' : 'history.changed') : t('history.deleted')}</strong>
        <span className="numbers soft small">
          {formatDate(version.at)} {formatTimeWithSeconds(version.at)} · {t('history.version', { version: version.version })}
        </span>
      </p>
      <p className="small">
        <Icon name="user" size={14} /> {author(version)}
      </p>
      {version.resource && (before || first) && (
        <ChangeList changes={changesBetween(before?.resource ?? null, version.resource, word)} />
      )}
    </>
  );
}
