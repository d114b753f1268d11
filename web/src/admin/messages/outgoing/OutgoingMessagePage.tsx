import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useParams } from 'react-router';
import { Banner, Button, Card, ErrorText, Facts, Failure, Icon, Loading } from '../../../design';
import { formatDay, formatTimeWithSeconds } from '../../../format';
import { ReasonDialog } from '../ReasonDialog';
import { Segments } from '../Segments';
import type { Segment } from '../messages';
import { useOne } from '../requests';
import { About, OutgoingState, Why } from './OutgoingState';
import { type Destination, standingOf } from './destinations';
import { OUTGOING_KEY, type OutgoingMessage, isDroppable, isResendable, outcomeOf, verdictOf } from './outgoing';
import { useDestinations, useResend } from './requests';
import '../messages.css';

/** `/admin/messages/outgoing/:message`: a message as it goes, beside the answer that came. */
export default function OutgoingMessagePage(): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { message: id = '' } = useParams();
  const from = (useLocation().state as { search?: string } | null)?.search;
  const message = useOne<OutgoingMessage>(OUTGOING_KEY, '/admin/outgoing', id);
  return (
    <>
      <Link className="messages-back" to={`/admin/messages/outgoing${from ? `?${from}` : ''}`}>
        <Icon name="arrow-left" size={18} /> {t('outgoing.back')}
      </Link>
      {message.isPending && <Loading />}
      {message.isError && <Failure error={message.error} onRetry={() => void message.refetch()} />}
      {message.data && <Message message={message.data} onLook={() => void message.refetch()} isLooking={message.isFetching} />}
    </>
  );
}

interface MessageProps {
  message: OutgoingMessage;
  onLook(): void;
  isLooking: boolean;
}

function Message({ message, onLook, isLooking }: MessageProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const { kind, control, state, segments, answer_segments } = message;
  return (
    <>
      <div className="admin-head">
        <div>
          <h2 className="long-id">{control ? t('message.title', { kind, control }) : kind}</h2>
          <OutgoingState state={state} />
        </div>
        {state === 'waiting' && (
          <Button icon="refresh" isPending={isLooking} onPress={onLook}>
            {t('refresh')}
          </Button>
        )}
      </div>
      <Banner tone="info" icon="shield">
        {t('message.audited')}
      </Banner>
      <Doing message={message} />
      <Card>
        <Told message={message} />
      </Card>
      <div className="message-sides">
        <Side title={t('outgoing.raw')} segments={segments} none={t('outgoing.noSegments')} />
        {state !== 'unmade' && <Side title={t('outgoing.answerCame')} segments={answer_segments ?? []} none={t('outgoing.noAnswer')} />}
      </div>
    </>
  );
}

interface SideProps {
  title: string;
  segments: readonly Segment[];
  /** What is said where there are none. */
  none: string;
}

function Side({ title, segments, none }: SideProps): ReactElement {
  if (segments.length > 0) return <Segments title={title} segments={segments} />;
  return (
    <Card title={title} level={3}>
      <p className="soft">{none}</p>
    </Card>
  );
}

/** What can be done with it, and how that went. */
function Doing({ message }: { message: OutgoingMessage }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const [dropping, setDropping] = useState(false);
  const [outcome, setOutcome] = useState<'going' | 'unmade' | null>(null);
  const resend = useResend((lines) => setOutcome(outcomeOf(lines).going > 0 ? 'going' : 'unmade'));
  const { state, id } = message;
  return (
    <>
      {resend.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={resend.error} />
        </Banner>
      )}
      {outcome && !resend.isError && (
        <Banner tone={outcome === 'going' ? 'ok' : 'warn'} live="status">
          {t(`outgoing.one.${outcome}`)}
        </Banner>
      )}
      <div className="row">
        {isResendable(message) && (
          <Button
            kind={state === 'sent' ? 'secondary' : 'primary'}
            icon="send"
            isPending={resend.isPending}
            onPress={() => {
              setOutcome(null);
              resend.mutate([id]);
            }}
          >
            {t(state === 'unmade' ? 'outgoing.makeAgain' : 'outgoing.again')}
          </Button>
        )}
        {isDroppable(message) && (
          <Button icon="minus" onPress={() => setDropping(true)}>
            {t('message.setAside')}
          </Button>
        )}
        {state === 'sent' && <span className="soft small">{t('outgoing.sentTwice')}</span>}
      </div>
      {dropping && (
        <ReasonDialog
          words={{
            title: t('message.setAsideTitle'),
            body: t(state === 'waiting' ? 'outgoing.aside.waiting' : 'outgoing.aside.refused'),
            submit: t('message.setAside'),
          }}
          address={`/admin/outgoing/${encodeURIComponent(id)}/drop`}
          changes={OUTGOING_KEY}
          danger={state === 'waiting'}
          onClose={() => setDropping(false)}
        />
      )}
    </>
  );
}

function Told({ message }: { message: OutgoingMessage }): ReactElement {
  const { t } = useTranslation('hl7v2');
  const destinations = useDestinations();
  const destination = destinations.data?.find(({ id }) => id === message.destination_id);
  const instant = (at: string): ReactElement => <span className="numbers">{`${formatDay(at)} ${formatTimeWithSeconds(at)}`}</span>;
  const verdict = message.answer ? verdictOf(message.answer) : null;
  return (
    <div className="stack">
      <p>{saysOf(t, message, destination, destinations.dataUpdatedAt)}</p>
      <Why line={message} />
      <Facts
        items={[
          [t('outgoing.destination'), destination?.name ?? (destinations.data ? t('outgoing.destinationGone') : '…')],
          [t('outgoing.about'), <About about={message.about} />],
          [t('outgoing.patient'), message.patient_id && <code className="long-id">{message.patient_id}</code>],
          [t('outgoing.at'), instant(message.at)],
          [t('outgoing.acknowledged'), message.sent_at && instant(message.sent_at)],
          [t('message.kind'), <code>{message.kind}</code>],
          [t('message.control'), message.control && <code className="long-id">{message.control}</code>],
          [t('outgoing.answer'), message.answer && (
            <>
              <code>{message.answer}</code> {verdict && t(`outgoing.verdict.${verdict}`)}
            </>
          )],
          [t('message.tries'), <span className="numbers">{message.tries}</span>],
        ]}
      />
    </div>
  );
}

/** Its state in a sentence. What waits says for what. */
function saysOf(
  t: (key: string, values?: Record<string, unknown>) => string,
  { state }: OutgoingMessage,
  destination: Destination | undefined,
  now: number,
): string {
  if (state !== 'waiting' || !destination) return t(`outgoing.says.${state}`);
  const standing = standingOf(destination.state, now);
  const { name } = destination;
  if (standing === 'paused') return t('outgoing.says.waitingPaused', { name });
  if (standing !== 'failing') return t('outgoing.says.waiting');
  const at = destination.state.next_at;
  return at ? t('outgoing.says.waitingNext', { name, at: formatTimeWithSeconds(at) }) : t('outgoing.says.waitingFailing', { name });
}
