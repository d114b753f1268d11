import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../design';
import { CopyBox } from '../../design/CopyBox';

/** The patient's link: to copy, to share from a phone, or to read out in large type. It is shown only when it is made. */
export function JoinLink({ url, explain, label }: { url: string; explain?: string; label?: string }): ReactElement {
  const { t } = useTranslation('workspace');
  const [large, setLarge] = useState(false);
  const canShare = typeof navigator.share === 'function';
  return (
    <div className="join-link">
      <p className="soft">{explain ?? t('link.explain')}</p>
      {large ? (
        <p className="join-large" lang="en">
          {url}
        </p>
      ) : null}
      <CopyBox
        label={label ?? t('link.title')}
        text={url}
        copy={t('link.copy')}
        copied={t('link.copied')}
        failed={t('link.copyFailed')}
      />
      <div className="row">
        {canShare && (
          <Button kind="quiet" icon="share" onPress={() => void navigator.share({ url }).catch(() => undefined)}>
            {t('link.share')}
          </Button>
        )}
        <Button kind="quiet" icon="eye" onPress={() => setLarge(!large)}>
          {large ? t('link.small') : t('link.large')}
        </Button>
      </div>
    </div>
  );
}
