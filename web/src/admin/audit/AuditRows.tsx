import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, Facts, StatusPill } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime, formatTimeWithSeconds } from '../../format';
import { type AuditRow, areaOf } from './audit';

/** Rows as a table; everything that one says is behind a button. */
export function AuditRows({ rows }: { rows: readonly AuditRow[] }): ReactElement {
  const { t } = useTranslation('admin');
  const [open, setOpen] = useState<AuditRow | null>(null);
  const columns: Column<AuditRow>[] = [
    { id: 'at', title: t('audit.at'), heads: true, cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    { id: 'who', title: t('audit.who'), cell: (row) => <Who row={row} /> },
    { id: 'what', title: t('audit.what'), cell: (row) => <What row={row} /> },
    { id: 'patients', title: t('audit.patients'), cell: (row) => <Patients ids={row.patients} /> },
    { id: 'marks', title: t('audit.outcome'), cell: (row) => <Marks row={row} /> },
    {
      id: 'open',
      title: t('audit.details'),
      titleHidden: true,
      cell: (row) => (
        <Button kind="quiet" icon="eye" iconOnly onPress={() => setOpen(row)}>
          {t('audit.detailsOf', { at: formatTimeWithSeconds(row.at), operation: row.operation })}
        </Button>
      ),
    },
  ];
  return (
    <>
      <DataTable caption={t('audit.heading')} captionHidden rows={rows} rowKey={(row) => String(row.sequence)} stacks columns={columns} />
      {open && <Details row={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Who({ row }: { row: AuditRow }): ReactElement {
  const { t } = useTranslation('admin');
  const by = row.application && (row.application.name ?? row.application.agent);
  return (
    <>
      {row.who.name ?? t([`audit.kind.${row.who.kind}`, 'audit.kind.server'])}
      {row.organization && <div className="small soft">{row.organization}</div>}
      {by && <div className="small soft">{t('audit.through', { name: by })}</div>}
    </>
  );
}

function What({ row }: { row: AuditRow }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <>
      {t('audit.does', { area: t(`audit.area.${areaOf(row.operation)}`), action: t(`audit.action_.${row.action}`) })}
      <div className="small">
        <code>{row.operation}</code>
      </div>
    </>
  );
}

function Patients({ ids }: { ids: readonly string[] }): ReactElement {
  const { t } = useTranslation('admin');
  const [first] = ids;
  if (!first) return <span className="soft">–</span>;
  return (
    <>
      <code className="small long-id">{first}</code>
      {ids.length > 1 && <div className="small soft">{t('audit.more', { count: ids.length - 1 })}</div>}
    </>
  );
}

function Marks({ row }: { row: AuditRow }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <span className="row">
      {row.done ? <span className="soft">{t('audit.outcome_.done')}</span> : <StatusPill tone="danger">{t('audit.outcome_.refused')}</StatusPill>}
      {row.purpose === 'BTG' && <StatusPill tone="warn">{t('audit.emergency')}</StatusPill>}
    </span>
  );
}

function Details({ row, onClose }: { row: AuditRow; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const code = (text: string | null | undefined): ReactElement | null => (text ? <code className="long-id">{text}</code> : null);
  return (
    <Dialog title={t('audit.details')} isOpen onClose={onClose} side>
      <Marks row={row} />
      <Facts
        items={[
          [t('audit.at'), <span className="numbers">{`${formatDayTime(row.at)} (${formatTimeWithSeconds(row.at)})`}</span>],
          [t('audit.who'), <Who row={row} />],
          [t('audit.agent'), code(row.who.agent)],
          [t('audit.application'), code(row.application?.agent)],
          [t('audit.what'), <What row={row} />],
          [t('audit.entity'), code(row.entity)],
          [t('audit.patients'), row.patients.length > 0 ? <ul className="long-ids">{row.patients.map((id) => <li key={id}>{code(id)}</li>)}</ul> : null],
          [t('audit.purpose'), row.purpose && t([`audit.purpose_.${row.purpose}`, 'audit.purpose_.other'], { code: row.purpose })],
          [t('audit.reason'), row.reason],
          [t('audit.detail'), row.detail && <span className="long-id">{row.detail}</span>],
          [t('audit.address'), code(row.address)],
          [t('audit.request'), code(row.request)],
          [t('audit.sequence'), <span className="numbers">{row.sequence}</span>],
        ]}
      />
    </Dialog>
  );
}
