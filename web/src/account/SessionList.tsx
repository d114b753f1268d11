import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { OpenSession } from '../api/messages';
import { Icon, StatusPill } from '../design';
import { formatDayTime } from '../format';
import './account.css';

/** Sessions in plain words: with what, from where, since when. */
export function SessionList(props: { sessions: OpenSession[]; action?(session: OpenSession): ReactNode }): ReactElement {
  const { t } = useTranslation('account');
  return (
    <ul className="account-list" aria-label={t('sessions.title')}>
      {props.sessions.map((session) => (
        <li key={session.id}>
          <Icon name={/Android|iPhone|HarmonyOS/.test(session.system) ? 'mobile' : 'monitor'} />
          <div className="account-list-text">
            <strong>{nameOf(session, t)}</strong>
            <span className="small soft numbers">
              {t('sessions.from', { address: session.address })}
              {' · '}
              {t('sessions.since', { when: formatDayTime(session.first_seen) })}
              {' · '}
              {t('sessions.used', { when: formatDayTime(session.last_seen) })}
            </span>
          </div>
          {session.this ? <StatusPill tone="ok">{t('sessions.this')}</StatusPill> : props.action?.(session)}
        </li>
      ))}
    </ul>
  );
}

function nameOf({ browser, system }: OpenSession, t: (key: string, values?: Record<string, string>) => string): string {
  if (browser && system) return t('sessions.device', { browser, system });
  return browser || system || t('sessions.unknown');
}
