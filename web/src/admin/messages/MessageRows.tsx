import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { StatusPill } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDay, formatTimeWithSeconds } from '../../format';
import { Choice } from './ChoiceBar';
import { FaultText, MessageState } from './MessageState';
import { chosenWith } from './filters';
import type { MessageLine } from './messages';
import type { Sender } from './senders';

interface MessageRowsProps {
  lines: readonly MessageLine[];
  /** `null` until they are read. */
  senders: readonly Sender[] | null;
  chosen: ReadonlySet<string>;
  onChoose(ids: ReadonlySet<string>): void;
  /** The address of this list, for the way back from a message. */
  search: string;
}

/** Messages as a table. Those that wait can be chosen. */
export function MessageRows({ lines, senders, chosen, onChoose, search }: MessageRowsProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const nameOf = (id: string): string | undefined => senders?.find((one) => one.id === id)?.name;
  const columns: Column<MessageLine>[] = [
    {
      id: 'choose',
      title: t('list.choose'),
      titleHidden: true,
      cell: (line) => {
        if (line.state !== 'failed') return null;
        const isGone = senders !== null && nameOf(line.sender_id) === undefined;
        return (
          <Choice
            label={t(isGone ? 'list.chooseGone' : 'list.chooseOf', { control: line.control })}
            isChosen={chosen.has(line.id)}
            isDisabled={isGone}
            onChange={(on) => onChoose(chosenWith(chosen, line.id, on))}
          />
        );
      },
    },
    {
      id: 'message',
      title: t('list.message'),
      heads: true,
      cell: (line) => (
        <>
          <Link to={`/admin/messages/${encodeURIComponent(line.id)}`} state={{ search }}>
            <code>{line.kind}</code>
          </Link>
          <div className="small">
            <code className="long-id">{line.control}</code>
          </div>
        </>
      ),
    },
    { id: 'at', title: t('list.at'), cell: ({ at }) => <span className="numbers">{`${formatDay(at)} ${formatTimeWithSeconds(at)}`}</span> },
    {
      id: 'sender',
      title: t('list.sender'),
      cell: (line) => nameOf(line.sender_id) ?? <span className="soft">{senders ? t('list.senderGone') : '…'}</span>,
    },
    { id: 'state', title: t('state'), cell: (line) => <MessageState state={line.state} /> },
    { id: 'what', title: t('list.what'), cell: (line) => <What line={line} /> },
  ];
  return <DataTable caption={t('list.caption')} captionHidden columns={columns} rows={lines} rowKey={({ id }) => id} stacks />;
}

/** What became of it, beyond its state: why it waits, why it was set aside, what is missing of it. */
function What({ line }: { line: MessageLine }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <div className="message-what">
      {line.fault && <FaultText fault={line.fault} />}
      {line.settled && (
        <span className="message-fault">
          {t('fault.because', { what: t('message.asideBecause') })}
          {line.settled}
        </span>
      )}
      {line.state === 'applied' && (
        <span className={line.left_count ? undefined : 'soft'}>
          {line.left_count ? t('list.left', { count: line.left_count }) : t('list.nothingLeft')}
        </span>
      )}
      {(line.tries > 1 || line.reused_control) && (
        <span className="row">
          {line.tries > 1 && <span className="soft small numbers">{t('list.tries', { count: line.tries })}</span>}
          {line.reused_control && <StatusPill tone="warn">{t('list.reused')}</StatusPill>}
        </span>
      )}
    </div>
  );
}
