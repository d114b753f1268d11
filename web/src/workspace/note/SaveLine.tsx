import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon, type IconName } from '../../design';
import { formatTimeWithSeconds } from '../../format';
import type { NoteSnapshot, SaveState } from './noteSession';

const ICON: Record<SaveState, IconName> = {
  untouched: 'edit',
  dirty: 'edit',
  saving: 'refresh',
  saved: 'check-circle',
  failed: 'alert',
  offline: 'wifi-off',
  'signed-out': 'lock',
  conflict: 'alert',
};

/** Whether what is written is safe, in words and with the time. */
export function SaveLine({ snapshot }: { snapshot: Pick<NoteSnapshot, 'state' | 'savedAt'> }): ReactElement {
  const { t } = useTranslation('workspace');
  const { state, savedAt } = snapshot;
  const words: Record<SaveState, string> = {
    untouched: t('note.never'),
    dirty: t('note.unsaved'),
    saving: t('note.saving'),
    saved: savedAt ? t('note.saved', { time: formatTimeWithSeconds(savedAt) }) : t('note.never'),
    failed: t('note.failed'),
    offline: t('note.offline'),
    'signed-out': t('note.signedOut'),
    conflict: t('note.conflict.title'),
  };
  const urgent = ['failed', 'offline', 'signed-out', 'conflict'].includes(state);
  return (
    <p className="save-line numbers" data-urgent={urgent || undefined} role={urgent ? 'alert' : undefined}>
      <Icon name={ICON[state]} size={16} />
      {words[state]}
    </p>
  );
}
