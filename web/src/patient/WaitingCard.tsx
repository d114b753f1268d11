import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { WithWhom } from './WithWhom';

export interface WaitingCardProps {
  practitioner: { name: string; title: string | null };
  organization: { name: string };
  /** How far one is; told to screen readers when it changes. */
  children: ReactNode;
  /** Beside whether the page is connected. */
  beside: string;
}

/** For whom somebody waits, and whether the page will notice: the patient's and each guest's. */
export function WaitingCard({ practitioner, organization, children, beside }: WaitingCardProps): ReactElement {
  const { t } = useTranslation('patient');
  const { link } = useRoom();
  const open = link === 'open';
  return (
    <section className="card waiting-card">
      <WithWhom name={practitioner.name} of={[practitioner.title, organization.name]} />
      <div role="status" className="waiting-place">
        {children}
      </div>
      <div className="row">
        <StatusPill tone={open ? 'ok' : 'warn'} icon={open ? 'wifi' : 'refresh'}>
          {t(open ? 'waiting.connected' : 'waiting.reconnecting')}
        </StatusPill>
        <span className="soft small">{beside}</span>
      </div>
    </section>
  );
}
