import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Button, Failure, Icon } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDate, formatDayTime } from '../../format';
import { type Correction, type ValueChange, useAcknowledge } from './corrections';

export interface CorrectionCardProps {
  correction: Correction;
  /** From 1, of `count` in the list: two corrections may be of one name. */
  place: number;
  count: number;
  onSeen(): void;
}

/** One corrected result: whose, what it said, what it says now, and the word that one has seen it. */
export function CorrectionCard({ correction, place, count, onSeen }: CorrectionCardProps): ReactElement {
  const { t } = useTranslation('workspace');
  const acknowledge = useAcknowledge(correction.id, onSeen);
  const { id, patient, about } = correction;
  return (
    <article
      id={`correction-${id}`}
      className="card correction"
      tabIndex={-1}
      aria-labelledby={`correction-about-${id} correction-who-${id}`}
    >
      <div>
        <h2 id={`correction-about-${id}`}>{about}</h2>
        <p id={`correction-who-${id}`}>
          <Link to={`/patients/${encodeURIComponent(patient.id)}`}>{patient.name}</Link>{' '}
          <span className="soft numbers">{t('visit.born', { date: formatDate(patient.birth_date) })}</span>
        </p>
      </div>
      <Changes changes={correction.changes} caption={t('corrections.caption', { place, count, about, name: patient.name })} />
      {acknowledge.isError && <Failure error={acknowledge.error} />}
      <div className="correction-foot">
        <p className="soft small numbers">
          <span>{t('corrections.seen', { when: formatDayTime(correction.seen_at) })}</span>
          <span>{t('corrections.corrected', { when: formatDayTime(correction.corrected_at) })}</span>
        </p>
        <Button icon="check" isPending={acknowledge.isPending} onPress={() => acknowledge.mutate()}>
          {t('corrections.acknowledge')}
          <span className="hidden-text">
            {' '}
            {about}, {patient.name}
          </span>
        </Button>
      </div>
    </article>
  );
}

function Changes({ changes, caption }: { changes: ValueChange[]; caption: string }): ReactElement {
  const { t } = useTranslation('workspace');
  const columns: Column<[ValueChange, number]>[] = [
    { id: 'what', title: t('corrections.what'), heads: true, cell: ([{ what }]) => what },
    { id: 'was', title: t('corrections.was'), cell: ([{ was }]) => <Was value={was} /> },
    { id: 'now', title: t('corrections.now'), cell: ([{ now }]) => <Now value={now} /> },
  ];
  return (
    <DataTable
      caption={caption}
      captionHidden
      stacks
      columns={columns}
      rows={changes.map((change, index) => [change, index])}
      // A report may name the same thing twice.
      rowKey={([, index]) => String(index)}
    />
  );
}

function Was({ value }: { value: string | null }): ReactElement {
  const { t } = useTranslation('workspace');
  return value === null ? <span className="soft">{t('corrections.nothing')}</span> : <del className="soft">{value}</del>;
}

function Now({ value }: { value: string | null }): ReactElement {
  const { t } = useTranslation('workspace');
  if (value !== null) return <ins>{value}</ins>;
  return (
    <strong className="correction-withdrawn">
      <Icon name="alert" size={16} />
      {t('corrections.withdrawn')}
    </strong>
  );
}
