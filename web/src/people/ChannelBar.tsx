import { type ReactElement, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Icon } from '../design/Icon';
import { useRoom } from '../visit/VisitRoom';
import { languageName } from './languages';

/** In which language one hears the others, and, for an interpreter, into which one speaks. */
export function ChannelBar(): ReactElement | null {
  const { t } = useTranslation('people');
  const { visit, me, send, greetings } = useRoom();
  const { hears = null, speaks = null } = me ?? {};
  const wanted = useRef({ hears, speaks });
  // What was chosen ended with the socket; a new one is told again.
  useEffect(() => {
    const { current } = wanted;
    if (greetings > 1 && (current.hears || current.speaks)) send({ t: 'call.channel', ...current });
  }, [greetings, send]);
  if (!me || visit.languages.length === 0) return null;
  const choose = (part: Partial<typeof wanted.current>): void => {
    wanted.current = { hears, speaks, ...part };
    send({ t: 'call.channel', ...wanted.current });
  };
  const listening = (language: string): number => visit.participants.filter((one) => one.hears === language).length;
  if (me.role === 'interpreter') {
    return (
      <Choices label={t('channel.speak')} icon="microphone">
        <Choice on={speaks === null} onPress={() => choose({ speaks: null })}>
          {t('channel.everyone')}
        </Choice>
        {(me.languages ?? []).map((language) => (
          <Choice key={language} on={speaks === language} onPress={() => choose({ speaks: language })}>
            {languageName(language)}
            <span className="numbers soft-on-dark"> {t('channel.listening', { count: listening(language) })}</span>
          </Choice>
        ))}
      </Choices>
    );
  }
  return (
    <Choices label={t('channel.hear')} icon="speaker">
      <Choice on={hears === null} onPress={() => choose({ hears: null })}>
        {t('channel.original')}
      </Choice>
      {visit.languages.map((language) => (
        <Choice key={language} on={hears === language} onPress={() => choose({ hears: language })}>
          {languageName(language)}
        </Choice>
      ))}
    </Choices>
  );
}

function Choices(props: { label: string; icon: 'microphone' | 'speaker'; children: React.ReactNode }): ReactElement {
  return (
    <div className="channel-bar" role="group" aria-label={props.label}>
      <Icon name={props.icon} size={18} />
      <span className="channel-label">{props.label}</span>
      <div className="channel-choices">{props.children}</div>
    </div>
  );
}

function Choice({ on, onPress, children }: { on: boolean; onPress(): void; children: React.ReactNode }): ReactElement {
  return (
    <AriaButton className="channel-choice" data-on={on || undefined} aria-pressed={on} onPress={onPress}>
      {on && <Icon name="check" size={16} />}
      <span>{children}</span>
    </AriaButton>
  );
}
