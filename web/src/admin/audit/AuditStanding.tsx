import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Button, Card, Facts, Failure, Loading, StatusPill } from '../../design';
import { CopyBox } from '../../design/CopyBox';
import { formatDayTime, formatNumber } from '../../format';
import type { AuditState } from './audit';

/** How the audit itself stands: whether it was checked, how long it is, how far it is off this machine. */
export function AuditStanding(): ReactElement {
  const { t } = useTranslation('admin');
  const state = useQuery({ queryKey: ['admin', 'audit-state'], queryFn: () => get<AuditState>('/admin/audit/state') });
  return (
    <Card title={t('audit.standing')} level={3} aside={state.data && <Verdict state={state.data} />}>
      {state.isPending && <Loading />}
      {state.isError && <Failure error={state.error} onRetry={() => void state.refetch()} />}
      {state.data && <Standing state={state.data} />}
    </Card>
  );
}

function Verdict({ state: { verified } }: { state: AuditState }): ReactElement {
  const { t } = useTranslation('admin');
  if (!verified) return <StatusPill tone="warn">{t('audit.neverChecked')}</StatusPill>;
  return <StatusPill tone={verified.sound ? 'ok' : 'danger'}>{t(verified.sound ? 'audit.sound' : 'audit.unsound')}</StatusPill>;
}

function Standing({ state }: { state: AuditState }): ReactElement {
  const { t } = useTranslation('admin');
  const { verified, chains } = state;
  const [open, setOpen] = useState(false);
  const checked = verified ? t('audit.checkedAt', { at: formatDayTime(verified.at), rows: formatNumber(verified.rows) }) : t('audit.checkedNever');
  return (
    <div className="stack">
      <Facts
        items={[
          [t('audit.checked'), <>{checked} {t('audit.check')} <code>bianque audit verify</code></>],
          ...chains.map((one) => [t(`audit.chain.${one.chain}`), <span className="numbers">{t('audit.rows', { rows: formatNumber(one.rows), count: one.rows })}</span>] as const),
          [t('audit.away'), <Away state={state} />],
        ]}
      />
      <div>
        <Button kind="quiet" icon={open ? 'minus' : 'plus'} aria-expanded={open} onPress={() => setOpen(!open)}>
          {t('audit.checkpoints')}
        </Button>
      </div>
      {open && (
        <div className="stack">
          <p className="soft small">{t('audit.checkpointsExplain')}</p>
          {chains.map(({ chain, checkpoint }) => (
            <CopyBox
              key={chain}
              label={t('audit.checkpointOf', { chain: t(`audit.chain.${chain}`) })}
              text={checkpoint}
              copy={t('audit.copy')}
              copied={t('audit.copied')}
              failed={t('audit.copyFailed')}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function Away({ state }: { state: AuditState }): ReactElement {
  const { t } = useTranslation('admin');
  if (!state.export) return <>{t('audit.hereOnly')}</>;
  const { waiting, sent_at, failed_since } = state.export;
  if (failed_since) return <>{t('audit.failing', { at: formatDayTime(failed_since) })}</>;
  return <>{sent_at ? t('audit.sent', { at: formatDayTime(sent_at), waiting: formatNumber(waiting) }) : t('audit.notSent')}</>;
}
