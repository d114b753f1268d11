import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../design';
import type { Change } from './diff';

/** What changed, member by member: from what, to what. */
export function ChangeList({ changes }: { changes: Change[] }): ReactElement {
  const { t, i18n } = useTranslation('record');
  if (changes.length === 0) return <p className="soft">{t('history.nothing')}</p>;
  const label = (field: string): string => (i18n.exists(`member.${field}`, { ns: 'record' }) ? t(`member.${field}`) : field);
  return (
    <dl className="changes">
      {changes.map(({ field, before, after }) => (
        <div key={field}>
          <dt>{label(field)}</dt>
          <dd>
            {before === after ? (
              t('history.inDetail')
            ) : (
              <>
                {before && <del>{before}</del>}
                {before && <Icon name="arrow-right" size={14} label={t('history.to')} />}
                {after ? <ins>{after}</ins> : <em className="soft">{t('history.taken')}</em>}
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
