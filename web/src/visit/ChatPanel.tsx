import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import type { Chat } from '../api/messages';
import { Button } from '../design/Button';
import { TextField } from '../design/fields';
import { formatTime } from '../shell/when';
import { useRoom } from './VisitRoom';
import './chat.css';

interface Draft {
  key: string;
  text: string;
  failed: boolean;
  /** How many messages there were when it was written. */
  after: number;
}

/** The typed conversation of a visit; it stays with the visit. */
export function ChatPanel(): ReactElement {
  const { t } = useTranslation('call');
  const { visitId, as, chat, you, setChat } = useRoom();
  const [text, setText] = useState('');
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // In a block: newer browsers answer with a promise, which is no clean-up.
    // Only the log scrolls: a message must not move the page that somebody reads beside it.
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [chat.length, drafts.length]);

  // The key stays with the message: pressed twice or sent again, it is said once.
  const deliver = async (draft: Draft): Promise<void> => {
    setDrafts((before) => [...before.filter((one) => one.key !== draft.key), { ...draft, failed: false }]);
    try {
      const path = `/visits/${encodeURIComponent(visitId)}/chat`;
      const answer = await post<{ messages: Chat[] }>(path, { text: draft.text }, { as, headers: { 'idempotency-key': draft.key } });
      setChat(answer.messages);
      setDrafts((before) => before.filter((one) => one.key !== draft.key));
    } catch {
      setDrafts((before) => before.map((one) => (one.key === draft.key ? { ...one, failed: true } : one)));
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!text.trim()) return;
    void deliver({ key: crypto.randomUUID(), text: text.trim(), failed: false, after: chat.length });
    setText('');
  };
  // The socket may bring the message before the request that sent it is answered.
  const said = (draft: Draft): boolean => chat.slice(draft.after).some((one) => one.by.id === you && one.text === draft.text);
  return (
    <div className="chat">
      <div ref={log} className="chat-log" role="log" aria-label={t('chat.log')} tabIndex={0}>
        {chat.length + drafts.length === 0 && <p className="soft">{t('chat.empty')}</p>}
        {chat.map((message) => (
          <div className="chat-message" key={message.id} data-mine={message.by.id === you || undefined}>
            <p className="chat-by small">
              {message.by.id === you ? t('chat.you') : message.by.name} · <span className="numbers">{formatTime(message.at)}</span>
            </p>
            <p className="chat-text">{message.text}</p>
          </div>
        ))}
        {drafts.filter((draft) => !said(draft)).map((draft) => (
          <div className="chat-message" key={draft.key} data-mine>
            <p className="chat-by small">{t(draft.failed ? 'chat.failed' : 'chat.sending')}</p>
            <p className="chat-text">{draft.text}</p>
            {draft.failed && (
              <Button icon="refresh" onPress={() => void deliver(draft)}>
                {t('chat.again')}
              </Button>
            )}
          </div>
        ))}
      </div>
      <form className="chat-form" onSubmit={submit}>
        <TextField label={t('chat.label')} value={text} onChange={setText} maxLength={2000} autoComplete="off" />
        <Button kind="primary" type="submit" icon="send" iconOnly>
          {t('chat.send')}
        </Button>
      </form>
    </div>
  );
}
