import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedResource, Lets } from '../api/messages';
import './applications.css';
import { Icon, type IconName } from '../design';

/** What is asked, or was allowed, in plain words, one line each. */
export function AskedList({ asked }: { asked: Lets }): ReactElement {
  const { t } = useTranslation('applications');
  const lines: { key: string; icon: IconName; text: string }[] = asked.resources.map((resource) => ({
    key: `${resource.level} ${resource.type}`,
    icon: resource.level === 'patient' ? 'user' : 'users',
    text: sentence(t, resource),
  }));
  if (asked.identity) lines.push({ key: 'identity', icon: 'key', text: t('ask.identity') });
  if (asked.encounter) lines.push({ key: 'encounter', icon: 'calendar', text: t('ask.encounter') });
  lines.push({
    key: 'lasts',
    icon: 'clock',
    text: t(asked.offline ? 'ask.offline' : 'ask.online'),
  });
  return (
    <ul className="ask-list">
      {lines.map(({ key, icon, text }) => (
        <li key={key}>
          <Icon name={icon} size={20} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

type Translate = (key: string | string[], values?: Record<string, unknown>) => string;

function sentence(t: Translate, { level, type }: AskedResource): string {
  const what = type === null ? t('type.all') : t([`type.${type}`, 'type.other'], { type });
  return t(`ask.${level}`, { what });
}
