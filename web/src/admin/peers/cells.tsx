import { Fragment, type ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill, type Tone } from '../../design';
import { Codes } from './Codes';
import { type Risk, addressOf } from './peers';
import { useOrganizations } from './useOrganizations';

/** The name of a peer, above the institution that it is for. */
export function NameCell({ name, organization_id }: { name: string; organization_id: string }): ReactElement {
  const organization = useOrganizations().find(({ id }) => id === organization_id);
  return (
    <>
      {name}
      <div className="small soft">{organization?.name}</div>
    </>
  );
}

/** From where a peer comes, and what it has to show. */
export function FromCell({ addresses, certificate }: { addresses: readonly string[]; certificate: string }): ReactElement {
  const { t } = useTranslation('peers');
  return (
    <>
      {addresses.length === 0 ? <span className="soft">{t('anywhere')}</span> : <Codes of={addresses} />}
      {certificate && <Certificate sha256={certificate} />}
    </>
  );
}

/** Where a peer listens, and what it has to show there. */
export function AddressCell({ host, port, certificate }: { host: string; port: number; certificate?: string }): ReactElement {
  return (
    <>
      <code className="small long-id">
        {addressOf({ host, port })
          .split(/(?=\.\w|:\d+$)/)
          .map((part, at) => (
            // Parts have no name of their own, and none moves.
            <Fragment key={at}>
              <wbr />
              {part}
            </Fragment>
          ))}
      </code>
      {certificate && <Certificate sha256={certificate} />}
    </>
  );
}

function Certificate({ sha256 }: { sha256: string }): ReactElement {
  const { t } = useTranslation('peers');
  return <div className="small soft">{t('certificate', { begin: sha256.slice(0, 8) })}</div>;
}

const TONE: Record<Risk, Tone> = { whoever: 'danger', plain: 'warn', nameOnly: 'warn', training: 'warn' };

interface RisksCellProps {
  risks: readonly Risk[];
  /** The namespace in which some have words of their own. */
  words?: string;
}

/** What is dangerous about a peer, or that nothing is. */
export function RisksCell({ risks, words = 'peers' }: RisksCellProps): ReactElement {
  const { t } = useTranslation('peers');
  return (
    <span className="peer-codes">
      {risks.map((risk) => (
        <StatusPill key={risk} tone={TONE[risk]}>
          {t([`${words}:risk.${risk}`, `risk.${risk}`])}
        </StatusPill>
      ))}
      {risks.length === 0 && <span className="soft">{t('noRisk')}</span>}
    </span>
  );
}
