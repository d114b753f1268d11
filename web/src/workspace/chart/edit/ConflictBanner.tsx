import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Button, Failure, Loading } from '../../../design';
import { formatDate, formatTimeWithSeconds } from '../../../format';
import { ChangeList } from './ChangeList';
import { changesBetween } from './diff';
import type { Form } from './forms';
import { useAuthor, useFieldWord, useHistory } from './useHistory';

export interface ConflictBannerProps {
  patientId: string;
  form: Form;
  id: string;
  /** The version that the form rests on. */
  base: number;
  isReady: boolean;
  onMine(): void;
  onTheirs(): void;
}

/** Somebody else changed the entry: who, what, and what is to become of one's own changes. Nothing is saved until one decides. */
export function ConflictBanner(props: ConflictBannerProps): ReactElement {
  const { patientId, form, id, base, isReady, onMine, onTheirs } = props;
  const { t } = useTranslation('record');
  const author = useAuthor();
  const word = useFieldWord();
  const history = useHistory(patientId, form.resource, id);
  const top = useRef<HTMLDivElement>(null);
  // The button that was pressed is at the end of the form.
  useEffect(() => top.current?.scrollIntoView({ block: 'nearest' }), [history.isPending]);
  const since = history.data?.versions.filter(({ version }) => version > base) ?? [];
  const newest = history.data?.versions[0];
  const read = history.data?.versions.find(({ version }) => version === base);
  return (
    <div ref={top}>
      <Banner
        tone="warn"
        live="alert"
        title={t('conflict.title')}
        actions={
          <>
            <Button isDisabled={!isReady} onPress={onMine}>
              {t('conflict.mine')}
            </Button>
            <Button isDisabled={!isReady} onPress={onTheirs}>
              {t('conflict.theirs')}
            </Button>
          </>
        }
      >
        <p>{t('conflict.body')}</p>
        {history.isPending && <Loading />}
        {history.isError && <Failure error={history.error} onRetry={() => void history.refetch()} />}
        {since.map((version) => (
          <p key={version.version} className="small">
            <strong>{author(version)}</strong>{' '}
            <span className="numbers">
              {formatDate(version.at)} {formatTimeWithSeconds(version.at)}
            </span>
          </p>
        ))}
        {newest && read && <ChangeList changes={changesBetween(read.resource, newest.resource, word)} />}
      </Banner>
    </div>
  );
}
