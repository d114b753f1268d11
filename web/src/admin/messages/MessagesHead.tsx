import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import './messages.css';

/** What all parts of HL7 v2 begin with: what it is, the parts, and what can be done in the chosen one. */
export function MessagesHead({ explain, children }: { explain: string; children: ReactNode }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <>
      <div className="admin-head">
        <div>
          <h2>{t('heading')}</h2>
          <p className="soft">{explain}</p>
        </div>
        {children}
      </div>
      <nav className="messages-parts" aria-label={t('part.label')}>
        <NavLink to="/admin/messages" end>
          {t('part.came')}
        </NavLink>
        <NavLink to="/admin/messages/senders">{t('part.senders')}</NavLink>
        <NavLink to="/admin/messages/outgoing">{t('part.going')}</NavLink>
        <NavLink to="/admin/messages/destinations">{t('part.destinations')}</NavLink>
      </nav>
    </>
  );
}
