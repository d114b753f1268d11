import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Participant } from '../api/messages';
import { Icon } from '../design/Icon';
import { type Action, MenuButton } from '../design/MenuButton';
import { useRoom } from '../visit/VisitRoom';
import { languageName } from './languages';

const GUESTS = ['family', 'interpreter', 'observer'];

export interface PersonLineProps {
  person: Participant;
  /** Whoever looks may mute, ask and remove. */
  clinician: boolean;
  onAct(path: string): void;
}

/** One person: who they are, whether they are heard and seen, by what they are connected, which language they hear. */
export function PersonLine({ person, clinician, onAct }: PersonLineProps): ReactElement {
  const { t } = useTranslation('people');
  const { you } = useRoom();
  const path = `people/${encodeURIComponent(person.id)}`;
  const actions: Action[] = [];
  if (clinician && person.role !== 'clinician') {
    if (person.silenced !== 'muted') actions.push({ id: 'mute', label: t('do.mute'), icon: 'microphone-off', run: () => onAct(`${path}/mute`) });
    if (person.silenced === 'muted') actions.push({ id: 'ask', label: t('do.ask'), icon: 'microphone', run: () => onAct(`${path}/ask`) });
    if (GUESTS.includes(person.role)) {
      actions.push({ id: 'remove', label: t('do.remove'), icon: 'leave', danger: true, run: () => onAct(`guests/${encodeURIComponent(person.id)}/remove`) });
    }
  }
  return (
    <li className="person">
      <span className="person-initial" data-role={person.role} aria-hidden="true">
        {[...person.name.replace(/^(dr|prof)\.?\s+/i, '')][0]?.toUpperCase() ?? '·'}
      </span>
      <div className="person-text">
        <p className="person-name">
          {person.name}
          {person.id === you && <span className="soft"> · {t('you')}</span>}
        </p>
        <p className="soft small">{[t(`role.${person.role}`), person.organization].filter(Boolean).join(' · ')}</p>
        {person.media !== 'none' && (
          <p className="person-state small">
            <Device on={isHeard(person)} icon="microphone" word={microphoneWord(person)} />
            <Device on={person.camera === 'on'} icon="camera" word={person.camera === 'on' ? 'camera.on' : 'camera.off'} />
            {person.media === 'sound' ? <span>{t('way.sound')}</span> : person.way && person.way !== 'none' && <span>{t(`way.${person.way}`)}</span>}
          </p>
        )}
        {(person.hears || person.speaks) && (
          <p className="small person-channel">
            <Icon name={person.speaks ? 'microphone' : 'speaker'} size={15} />
            {person.speaks ? t('speaks', { language: languageName(person.speaks) }) : t('hears', { language: languageName(person.hears ?? '') })}
          </p>
        )}
      </div>
      {actions.length > 0 && <MenuButton label={t('do.more', { name: person.name })} actions={actions} iconOnly />}
    </li>
  );
}

function Device({ on, icon, word }: { on: boolean; icon: 'microphone' | 'camera'; word: string }): ReactElement {
  const { t } = useTranslation('people');
  return (
    <span className="person-device" data-off={!on || undefined}>
      <Icon name={on ? icon : `${icon}-off`} size={16} />
      {t(word)}
    </span>
  );
}

function isHeard(person: Participant): boolean {
  return person.microphone === 'on' && !person.silenced;
}

function microphoneWord(person: Participant): string {
  if (person.silenced) return `microphone.${person.silenced}`;
  return person.microphone === 'on' ? 'microphone.on' : 'microphone.off';
}
