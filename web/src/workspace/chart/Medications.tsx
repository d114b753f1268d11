import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart, MedicationEntry } from '../../api/chart';
import { Button, Card, StatusPill } from '../../design';
import { formatDate } from '../../format';
import { Entries, type Shown } from './Entries';
import { useKeeper } from './Keeping';
import { byStanding, standingOfMedication } from './standing';
import { useWord } from './words';

/** What is taken and what was ordered; a draft of a note is nobody's order yet. */
export function Medications({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('record');
  const keeper = useKeeper();
  const word = useWord();
  const show = (medication: MedicationEntry): Shown => ({
    id: medication.id,
    name: medication.text,
    resource: medication.resource,
    main: <span className="entry-name">{medication.text}</span>,
    pills: (
      <>
        {medication.draft ? (
          <StatusPill tone="warn" icon="edit">
            {t('medications.draft')}
          </StatusPill>
        ) : (
          medication.status !== 'active' && <StatusPill>{word('medicationStatus', medication.status)}</StatusPill>
        )}
      </>
    ),
    details: [
      medication.dosage,
      [
        t(`medications.${medication.kind}`),
        medication.from && t('since', { date: formatDate(medication.from) }),
        medication.to && t('until', { date: formatDate(medication.to) }),
        medication.kind === 'request' && medication.authored_at && formatDate(medication.authored_at),
        medication.by,
      ]
        .filter(Boolean)
        .join(' · '),
      medication.reason && t('medications.because', { reason: medication.reason }),
      medication.note,
    ],
    onChange: medication.draft
      ? undefined
      : () => keeper?.open({ what: medication.kind === 'statement' ? 'medication' : 'order', entry: medication }),
  });
  const entries = byStanding(chart.medications, standingOfMedication);
  return (
    <Card
      title={t('medications.title')}
      level={3}
      aside={
        keeper?.edits && (
          <Button kind="quiet" icon="plus" onPress={() => keeper.open({ what: 'medication', entry: null })}>
            {t('do.addMedication')}
          </Button>
        )
      }
    >
      <Entries
        none={t('medications.none')}
        entries={{
          current: entries.current.map(show),
          past: entries.past.map(show),
          'in-error': entries['in-error'].map(show),
        }}
      />
    </Card>
  );
}
