import type { ReactElement } from 'react';
import { Icon } from '../design/Icon';

/** With whom a visit is, and of which institution. */
export function WithWhom({ name, of }: { name: string; of: readonly (string | null)[] }): ReactElement {
  return (
    <div className="appointment-person">
      <span className="avatar">
        <Icon name="stethoscope" size={26} />
      </span>
      <div>
        <p className="appointment-name">{name}</p>
        <p className="soft">{of.filter(Boolean).join(' · ')}</p>
      </div>
    </div>
  );
}
