import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink } from 'react-router';
import type { Role } from '../api/messages';
import { useConsults } from '../api/consults';
import { Icon, type IconName } from '../design/Icon';

interface Entry {
  to: string;
  word: string;
  icon: IconName;
  roles: readonly Role[];
}

const ENTRIES: readonly Entry[] = [
  { to: '/work', word: 'queue', icon: 'users', roles: ['clinician', 'front-desk'] },
  { to: '/consults', word: 'consults', icon: 'help', roles: ['clinician', 'specialist'] },
  { to: '/patients', word: 'patients', icon: 'search', roles: ['clinician', 'specialist', 'reporter', 'front-desk'] },
  { to: '/identity', word: 'identity', icon: 'swap', roles: ['front-desk'] },
  { to: '/quality', word: 'quality', icon: 'chart', roles: ['clinician', 'supervisor', 'administrator'] },
  { to: '/emergencies', word: 'emergencies', icon: 'alert', roles: ['supervisor'] },
  { to: '/admin', word: 'administration', icon: 'settings', roles: ['administrator'] },
];

/** The addresses that a role's navigation names. */
export function pagesOf(role: Role): string[] {
  return ENTRIES.filter((entry) => entry.roles.includes(role)).map(({ to }) => to);
}

/** The pages of a role. */
export function Navigation({ role }: { role: Role }): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <nav className="nav" aria-label={t('navigation')}>
      {ENTRIES.filter((entry) => entry.roles.includes(role)).map((entry) => (
        <NavLink key={entry.to} to={entry.to}>
          <Icon name={entry.icon} size={18} />
          {t(entry.word)}
          {entry.to === '/consults' && <Unanswered />}
        </NavLink>
      ))}
    </nav>
  );
}

/** How many questions wait for an answer. */
function Unanswered(): ReactElement | null {
  const { t } = useTranslation('shell');
  const waiting = useConsults().data?.filter(({ open, invitation }) => open && invitation.state !== 'signed').length ?? 0;
  if (waiting === 0) return null;
  return (
    <span className="nav-count numbers">
      <span aria-hidden="true">{waiting}</span>
      <span className="hidden-text">{t('consults-waiting', { count: waiting })}</span>
    </span>
  );
}
