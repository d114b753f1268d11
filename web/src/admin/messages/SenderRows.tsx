import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill, type Tone } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { Codes } from './Codes';
import { useOrganizations } from './requests';
import { type Risk, type Sender, callsItself, risksOf } from './senders';

const TONE: Record<Risk, Tone> = { whoever: 'danger', plain: 'warn', nameOnly: 'warn', training: 'warn' };

/** Senders as a table, with what is risky about each. */
export function SenderRows({ senders, actions }: { senders: readonly Sender[]; actions(sender: Sender): ReactNode }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const organizations = useOrganizations();
  const columns: Column<Sender>[] = [
    {
      id: 'name',
      title: t('senders.name'),
      heads: true,
      cell: (sender) => (
        <>
          {sender.name}
          <div className="small soft">{organizations.find(({ id }) => id === sender.organization_id)?.name}</div>
        </>
      ),
    },
    { id: 'calls', title: t('senders.callsItself'), cell: (sender) => <CallsItself sender={sender} /> },
    {
      id: 'kinds',
      title: t('senders.may'),
      cell: ({ kinds }) =>
        kinds.length === 0 ? <span className="soft">{t('senders.allKinds')}</span> : <Codes of={kinds} />,
    },
    { id: 'from', title: t('senders.from'), cell: (sender) => <From sender={sender} /> },
    { id: 'risks', title: t('senders.risks'), cell: (sender) => <Risks sender={sender} /> },
    { id: 'actions', title: t('senders.actions'), titleHidden: true, cell: actions },
  ];
  return (
    <DataTable caption={t('senders.count', { count: senders.length })} columns={columns} rows={senders} rowKey={({ id }) => id} stacks />
  );
}

function CallsItself({ sender }: { sender: Sender }): ReactElement {
  const { t } = useTranslation('hl7v2');
  if (sender.application === '') return <>{t('senders.whoever')}</>;
  return (
    <>
      <code className="long-id">{callsItself(sender)}</code>
      {sender.facility === '' && <div className="small soft">{t('senders.anyFacility')}</div>}
    </>
  );
}

function From({ sender: { addresses, certificate } }: { sender: Sender }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <>
      {addresses.length === 0 ? <span className="soft">{t('senders.anywhere')}</span> : <Codes of={addresses} />}
      {certificate && <div className="small soft">{t('senders.certificate', { begin: certificate.slice(0, 8) })}</div>}
    </>
  );
}

function Risks({ sender }: { sender: Sender }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const risks = risksOf(sender);
  return (
    <span className="peer-codes">
      {risks.map((risk) => (
        <StatusPill key={risk} tone={TONE[risk]}>
          {t(`senders.risk.${risk}`)}
        </StatusPill>
      ))}
      {risks.length === 0 && <span className="soft">{t('senders.noRisk')}</span>}
    </span>
  );
}
