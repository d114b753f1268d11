import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useParams } from 'react-router';
import { Banner, Button, Card, ErrorText, Facts, Failure, Icon, Loading, StatusPill } from '../../design';
import { formatDay, formatTimeWithSeconds } from '../../format';
import { MadeOfIt } from './MadeOfIt';
import { FaultText, MessageState } from './MessageState';
import { ReasonDialog } from './ReasonDialog';
import { Segments } from './Segments';
import { MESSAGES_KEY, type MessageAnswer, outcomeOf } from './messages';
import { useOne, useReplay, useSenders } from './requests';
import './messages.css';

/** `/admin/messages/:message`: a message as it came, beside what was made of it. */
export default function MessagePage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { message: id = '' } = useParams();
  const from = (useLocation().state as { search?: string } | null)?.search;
  const message = useOne<MessageAnswer>(MESSAGES_KEY, '/admin/messages', id);
  return (
    <>
      <Link className="messages-back" to={`/admin/messages${from ? `?${from}` : ''}`}>
        <Icon name="arrow-left" size={18} /> {t('message.back')}
      </Link>
      {message.isPending && <Loading />}
      {message.isError && <Failure error={message.error} onRetry={() => void message.refetch()} />}
      {message.data && <Message message={message.data} />}
    </>
  );
}

function Message({ message }: { message: MessageAnswer }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <>
      <div className="admin-head">
        <div>
          <h2 className="long-id">{t('message.title', { kind: message.kind, control: message.control })}</h2>
          <MessageState state={message.state} />
        </div>
      </div>
      <Banner tone="info" icon="shield">
        {t('message.audited')}
      </Banner>
      <Doing message={message} />
      <Card>
        <About message={message} />
      </Card>
      <div className="message-sides">
        <Segments title={t('message.raw')} segments={message.segments} />
        <MadeOfIt message={message} />
      </div>
    </>
  );
}

/** What can be done with one that was not applied, and how that went. */
function Doing({ message }: { message: MessageAnswer }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [settling, setSettling] = useState(false);
  const [tried, setTried] = useState<boolean | null>(null);
  const replay = useReplay((lines) => setTried(outcomeOf(lines).applied > 0));
  return (
    <>
      {replay.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={replay.error} />
        </Banner>
      )}
      {tried !== null && !replay.isError && (
        <Banner tone={tried ? 'ok' : 'warn'} live="status">
          {t(tried ? 'again.oneApplied' : 'again.oneFailed')}
        </Banner>
      )}
      {message.state !== 'applied' && (
        <div className="row">
          <Button
            kind="primary"
            icon="refresh"
            isPending={replay.isPending}
            onPress={() => {
              setTried(null);
              replay.mutate([message.id]);
            }}
          >
            {t('again.do')}
          </Button>
          {message.state === 'failed' && (
            <Button icon="minus" onPress={() => setSettling(true)}>
              {t('message.setAside')}
            </Button>
          )}
        </div>
      )}
      {settling && (
        <ReasonDialog
          words={{ title: t('message.setAsideTitle'), body: t('message.setAsideBody'), submit: t('message.setAside') }}
          address={`/admin/messages/${encodeURIComponent(message.id)}/settle`}
          changes={MESSAGES_KEY}
          onClose={() => setSettling(false)}
        />
      )}
    </>
  );
}

function About({ message }: { message: MessageAnswer }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const senders = useSenders().data;
  const sender = senders && (senders.find(({ id }) => id === message.sender_id)?.name ?? t('list.senderGone'));
  return (
    <div className="stack">
      {message.fault && (
        <div className="message-why">
          <Facts items={[[t('message.why'), <FaultText fault={message.fault} />], [t('message.asideBecause'), message.settled]]} />
        </div>
      )}
      <Facts
        items={[
          [t('message.came'), <span className="numbers">{`${formatDay(message.at)} ${formatTimeWithSeconds(message.at)}`}</span>],
          [t('message.sender'), sender ?? '…'],
          [t('message.kind'), <code>{message.kind}</code>],
          [t('message.control'), <code className="long-id">{message.control}</code>],
          [t('message.tries'), <span className="numbers">{message.tries}</span>],
        ]}
      />
      {message.reused_control && (
        <span className="row">
          <StatusPill tone="warn">{t('list.reused')}</StatusPill> {t('list.reusedHint')}
        </span>
      )}
    </div>
  );
}
