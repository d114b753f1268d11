import { type FormEvent, type ReactElement, Suspense, lazy, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { address } from '../api/client';
import type { Chat } from '../api/messages';
import { Button } from '../design/Button';
import { TextField } from '../design/fields';
import i18n from '../i18n';
import { usePhotoQueue } from '../photos/PhotoQueueProvider';
import { type Pending, isPhoto } from '../photos/store';
import { formatTime } from '../shell/when';
import { useRoom } from './VisitRoom';
import './chat.css';

// Fetched as soon as messages are open: somebody who loses the line can still speak.
const voiceMessage = (): Promise<typeof import('../voice/VoiceMessage')> => import('../voice/VoiceMessage');
const VoiceMessage = lazy(voiceMessage);
const ClipPlayer = lazy(() => import('../voice/ClipPlayer'));

/** The conversation of a visit, typed and spoken; it stays with the visit. What the line does not take now goes later. */
export function ChatPanel(): ReactElement {
  const { t } = useTranslation(['call', 'errors']);
  const { as, chat, you } = useRoom();
  const { queue, view } = usePhotoQueue();
  const [text, setText] = useState('');
  const [speaking, setSpeaking] = useState(false);
  const log = useRef<HTMLDivElement>(null);
  const waiting = useWaiting();
  useEffect(() => {
    void voiceMessage();
    void i18n.loadNamespaces('voice');
  }, []);
  useEffect(() => {
    // In a block: newer browsers answer with a promise, which is no clean-up.
    // Only the log scrolls: a message must not move the page that somebody reads beside it.
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [chat.length, waiting.length]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!text.trim()) return;
    void queue.addText(text.trim());
    setText('');
  };
  return (
    <div className="chat">
      <div ref={log} className="chat-log" role="log" aria-label={t('call:chat.log')} tabIndex={0}>
        {chat.length + waiting.length === 0 && <p className="soft">{t('call:chat.empty')}</p>}
        {chat.map((message) => (
          <div className="chat-message" key={message.id} data-mine={message.by.id === you || undefined}>
            <p className="chat-by small">
              {message.by.id === you ? t('call:chat.you') : message.by.name} · <span className="numbers">{formatTime(message.at)}</span>
            </p>
            {message.clip ? (
              <div className="chat-text">
                <Suspense fallback={<div className="chat-clip" />}>
                  <ClipPlayer src={address(message.clip.url, as)} durationMs={message.clip.duration_ms} />
                </Suspense>
              </div>
            ) : (
              <p className="chat-text">{message.text}</p>
            )}
          </div>
        ))}
        {waiting.map((pending) => (
          <div className="chat-message" key={pending.id} data-mine>
            <p className="chat-by small" role="status">
              {t(pending.failed ? 'call:chat.failed' : view.state === 'waiting' ? 'call:chat.waiting' : 'call:chat.sending')}
            </p>
            <p className="chat-text">{pending.text ?? t('call:chat.voice', { seconds: Math.ceil((pending.durationMs ?? 0) / 1000) })}</p>
            {pending.failed && <NotSent pending={pending} />}
          </div>
        ))}
      </div>
      <form className="chat-form" onSubmit={submit}>
        <TextField label={t('call:chat.label')} value={text} onChange={setText} maxLength={2000} autoComplete="off" />
        <Button icon="microphone" iconOnly onPress={() => setSpeaking(true)}>
          {t('call:chat.speak')}
        </Button>
        <Button kind="primary" type="submit" icon="send" iconOnly>
          {t('call:chat.send')}
        </Button>
      </form>
      {speaking && (
        <Suspense fallback={null}>
          <VoiceMessage onClose={() => setSpeaking(false)} />
        </Suspense>
      )}
    </div>
  );
}

function NotSent({ pending }: { pending: Pending }): ReactElement {
  const { t } = useTranslation(['call', 'errors']);
  const { queue } = usePhotoQueue();
  return (
    <>
      <p className="field-error small">{t(pending.text === undefined ? 'clip.other' : [pending.failed ?? '', 'other'], { ns: 'errors' })}</p>
      <div className="row">
        <Button icon="refresh" onPress={() => void queue.retry(pending.id)}>
          {t('call:chat.again')}
        </Button>
        <Button icon="trash" onPress={() => void queue.discard(pending.id)}>
          {t('call:chat.discard')}
        </Button>
      </div>
    </>
  );
}

/** Messages on their way that are not among the others yet: the socket may bring one before its request is answered. */
function useWaiting(): Pending[] {
  const { chat, you } = useRoom();
  const { view } = usePhotoQueue();
  const seen = useRef(new Map<string, number>());
  const messages = view.items.filter((one) => !isPhoto(one));
  for (const { id } of messages) if (!seen.current.has(id)) seen.current.set(id, chat.length);
  return messages.filter((one) => !chat.slice(seen.current.get(one.id) ?? 0).some((message) => message.by.id === you && isThe(message, one)));
}

function isThe(message: Chat, pending: Pending): boolean {
  if (pending.text !== undefined) return message.text === pending.text;
  return message.clip?.duration_ms === pending.durationMs && message.clip?.size === pending.size;
}
