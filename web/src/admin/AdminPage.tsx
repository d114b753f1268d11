import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '../api/session';
import { Icon, type IconName, Page } from '../design';
import { HealthBanner } from './health/HealthBanner';
import './admin.css';

/** The parts that are about the machine, which is the first tenant's. */
const HEALTH = '/admin/health';
const KEYS = '/admin/keys';

const PARTS: { to: string; word: string; icon: IconName }[] = [
  { to: '/admin/users', word: 'users', icon: 'users' },
  { to: '/admin/organizations', word: 'organizations', icon: 'building' },
  { to: '/admin/schedules', word: 'schedules', icon: 'calendar' },
  { to: '/admin/prices', word: 'prices', icon: 'document' },
  { to: '/admin/sign-in', word: 'signIn', icon: 'key' },
  { to: '/admin/identity-providers', word: 'providers', icon: 'hospital' },
  { to: '/admin/emergencies', word: 'emergencies', icon: 'alert' },
  { to: '/admin/applications', word: 'applications', icon: 'external' },
  { to: '/admin/messages', word: 'messages', icon: 'swap' },
  { to: '/admin/peers', word: 'peers', icon: 'photo' },
  { to: '/admin/consents', word: 'consents', icon: 'document' },
  { to: '/admin/audit', word: 'audit', icon: 'shield' },
  { to: '/admin/retention', word: 'retention', icon: 'clock' },
  { to: KEYS, word: 'keys', icon: 'lock' },
  { to: HEALTH, word: 'health', icon: 'pulse' },
];

/** The frame of administration: what there is to administer, and the chosen part. */
export default function AdminPage(): ReactElement {
  const { t } = useTranslation('admin');
  const { pathname } = useLocation();
  const ofMachine = useSession().data?.session?.first_tenant ?? false;
  const nav = useRef<HTMLElement>(null);
  // On a phone the parts stand in one row that scrolls.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  if (/^\/admin\/?$/.test(pathname)) return <Navigate to="/admin/users" replace />;
  return (
    <Page title={t('title')} lead={t('explain')} wide>
      <div className="admin">
        <nav className="admin-nav" ref={nav} aria-label={t('tab.label')}>
          {PARTS.filter(({ to }) => ofMachine || (to !== HEALTH && to !== KEYS)).map(({ to, word, icon }) => (
            <NavLink key={to} to={to}>
              <Icon name={icon} size={20} />
              {t(`tab.${word}`)}
            </NavLink>
          ))}
        </nav>
        <div className="admin-part">
          {ofMachine && pathname !== HEALTH && <HealthBanner />}
          <Outlet />
        </div>
      </div>
    </Page>
  );
}
