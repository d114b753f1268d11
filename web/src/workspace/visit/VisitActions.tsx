import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../../api/client';
import type { Visit } from '../../api/messages';
import { Banner, Button, ErrorText, Icon, type IconName } from '../../design';
import { type Action, MenuButton } from '../../design/MenuButton';
import { localZone } from '../../format';
import { useRoom } from '../../visit/VisitRoom';
import type { OpenNote } from '../note/useNote';
import { AddendumDialog } from './dialogs/AddendumDialog';
import { AdmitDialog } from './dialogs/AdmitDialog';
import { CloseDialog, EndDialog } from './dialogs/EndDialogs';
import { LetInDialog, LinkDialog } from './dialogs/LinkDialogs';
import { SignDialog } from './dialogs/SignDialog';
import type { ChartReading } from './useChart';
import { useMove } from './useMove';

type Open = 'admit' | 'end' | 'cancel' | 'no-show' | 'link' | 'let-in' | 'sign' | 'addendum';

export interface VisitActionsProps {
  open: OpenNote;
  chart: ChartReading;
  onMissing(fields: string[]): void;
}

/** What can be done with the visit in its present state: one primary step, the rest beside it or in the menu. */
export function VisitActions({ open, chart, onMissing }: VisitActionsProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit, visitId, setVisit } = useRoom();
  const [dialog, setDialog] = useState<Open | null>(null);
  const away = useMove('away');
  const back = useMove('back');
  const close = (): void => setDialog(null);
  const button = (id: Open, word: string, icon: IconName, kind?: 'primary' | 'danger'): ReactElement => (
    <Button key={id} icon={icon} kind={kind ?? 'secondary'} onPress={() => setDialog(id)}>
      {t(word)}
    </Button>
  );
  const failed = away.error ?? back.error;
  return (
    <>
      <div className="visit-actions" role="group" aria-label={t('visit.actions')}>
        {visit.state === 'arrived' && button('admit', 'do.admit', 'camera', 'primary')}
        {visit.state === 'planned' && button('link', 'link.get', 'link', 'primary')}
        {visit.state === 'in-progress' && (
          <Button icon="pause" isPending={away.isPending} onPress={() => away.mutate(undefined)}>
            {t('do.away')}
          </Button>
        )}
        {visit.state === 'onleave' && (
          <Button kind="primary" icon="play" isPending={back.isPending} onPress={() => back.mutate(undefined)}>
            {t('do.return')}
          </Button>
        )}
        {canSign(visit) && button('sign', 'do.sign', 'edit', visit.state === 'finished' ? 'primary' : undefined)}
        {(visit.state === 'in-progress' || visit.state === 'onleave') && button('end', 'do.end', 'leave', 'danger')}
        {visit.signed && button('addendum', 'do.addendum', 'plus')}
        {visit.plan_ready && <PlanDownload visit={visit} />}
        <More visit={visit} onOpen={setDialog} />
      </div>
      {failed && (
        <Banner tone="danger" live="alert">
          <ErrorText error={failed} />
        </Banner>
      )}
      {dialog === 'admit' && <AdmitDialog onClose={close} />}
      {dialog === 'end' && <EndDialog onClose={close} />}
      {(dialog === 'cancel' || dialog === 'no-show') && (
        <CloseDialog<Visit> as={dialog} visitId={visitId} onMoved={setVisit} onClose={close} />
      )}
      {dialog === 'link' && <LinkDialog visitId={visitId} join={visit.join} onClose={close} />}
      {dialog === 'let-in' && <LetInDialog visitId={visitId} onClose={close} />}
      {dialog === 'addendum' && <AddendumDialog onClose={close} />}
      {dialog === 'sign' && (
        <SignDialog open={open} chart={chart} onClose={close} onMissing={(fields) => (close(), onMissing(fields))} />
      )}
    </>
  );
}

/** Signing may come as soon as the patient was seen; the visit need not have ended. */
function canSign(visit: Visit): boolean {
  return !visit.signed && visit.admitted_at !== null && visit.state !== 'cancelled';
}

function More({ visit, onOpen }: { visit: Visit; onOpen(open: Open): void }): ReactElement | null {
  const { t } = useTranslation('workspace');
  const over = visit.state === 'finished' || visit.state === 'cancelled';
  const actions: Action[] = [];
  const add = (id: Open, word: string, icon: IconName, danger = false): void => {
    actions.push({ id, label: t(word), icon, danger, run: () => onOpen(id) });
  };
  if (!over && visit.state !== 'planned') add('link', 'link.get', 'link');
  if (!over) add('let-in', 'letIn.button', 'key');
  if (visit.state === 'planned' || visit.state === 'arrived') {
    add('no-show', 'do.noShow', 'clock', true);
    add('cancel', 'do.cancel', 'close', true);
  }
  return actions.length > 0 ? <MenuButton label={t('visit.more')} actions={actions} iconOnly /> : null;
}

/** The plan as PDF, in the patient's language first. */
function PlanDownload({ visit }: { visit: Visit }): ReactElement {
  const { t } = useTranslation('workspace');
  const first = visit.patient.language === 'en' ? 'en' : 'zh-CN';
  const order = first === 'en' ? (['en', 'zh-CN'] as const) : (['zh-CN', 'en'] as const);
  return (
    <span className="plan-links">
      {order.map((language) => (
        <a
          key={language}
          className="button"
          data-kind="secondary"
          href={address(`/visits/${encodeURIComponent(visit.id)}/plan.pdf`, 'account', {
            lang: language,
            zone: localZone(),
          })}
          download
        >
          <Icon name="download" size={20} />
          {t('do.planPdf')} <span lang={language}>{language === 'en' ? 'English' : '中文'}</span>
        </a>
      ))}
    </span>
  );
}
