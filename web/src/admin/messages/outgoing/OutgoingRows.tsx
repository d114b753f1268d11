import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Column, DataTable } from '../../../design/DataTable';
import { formatDay, formatDayTime, formatTimeWithSeconds } from '../../../format';
import { Choice } from '../ChoiceBar';
import { chosenWith } from '../filters';
import { About, OutgoingState, Why } from './OutgoingState';
import type { Destination } from './destinations';
import { type OutgoingLine, isResendable } from './outgoing';

interface OutgoingRowsProps {
  lines: readonly OutgoingLine[];
  /** `null` until they are read. */
  destinations: readonly Destination[] | null;
  chosen: ReadonlySet<string>;
  onChoose(ids: ReadonlySet<string>): void;
  /** The address of this list, for the way back from a message. */
  search: string;
}

/** Messages that go, as a table. Those that do not go by themselves can be chosen. */
export function OutgoingRows({ lines, destinations, chosen, onChoose, search }: OutgoingRowsProps): ReactElement {
  const { t } = useTranslation('hl7v2');
  const nameOf = (id: string): string | undefined => destinations?.find((one) => one.id === id)?.name;
  const columns: Column<OutgoingLine>[] = [
    {
      id: 'choose',
      title: t('list.choose'),
      titleHidden: true,
      cell: (line) => {
        if (!isResendable(line)) return null;
        const isGone = destinations !== null && nameOf(line.destination_id) === undefined;
        return (
          <Choice
            label={t(isGone ? 'outgoing.chooseGone' : 'list.chooseOf', { control: line.control || line.kind })}
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
          <Link to={`/admin/messages/outgoing/${encodeURIComponent(line.id)}`} state={{ search }}>
            <code>{line.kind}</code>
          </Link>
          <div className="small">
            {line.control ? <code className="long-id">{line.control}</code> : <span className="soft">{t('outgoing.noNumber')}</span>}
          </div>
        </>
      ),
    },
    {
      id: 'at',
      title: t('outgoing.at'),
      cell: ({ at }) => <span className="numbers">{`${formatDay(at)} ${formatTimeWithSeconds(at)}`}</span>,
    },
    {
      id: 'destination',
      title: t('outgoing.destination'),
      cell: (line) => nameOf(line.destination_id) ?? <span className="soft">{destinations ? t('outgoing.destinationGone') : '…'}</span>,
    },
    { id: 'about', title: t('outgoing.about'), cell: ({ about }) => <About about={about} isShort /> },
    { id: 'state', title: t('state'), cell: ({ state }) => <OutgoingState state={state} /> },
    { id: 'what', title: t('list.what'), cell: (line) => <What line={line} /> },
  ];
  return <DataTable caption={t('outgoing.caption')} captionHidden columns={columns} rows={lines} rowKey={({ id }) => id} stacks />;
}

/** What became of it, beyond its state. */
function What({ line }: { line: OutgoingLine }): ReactElement {
  const { t } = useTranslation('hl7v2');
  return (
    <div className="message-what">
      <Why line={line} />
      {line.sent_at && <span className="soft">{t('outgoing.sentAt', { at: formatDayTime(line.sent_at) })}</span>}
      {line.tries > 1 && <span className="soft small numbers">{t('list.tries', { count: line.tries })}</span>}
      {line.state === 'waiting' && !line.error && <span className="soft">{t('outgoing.noAnswerYet')}</span>}
    </div>
  );
}
