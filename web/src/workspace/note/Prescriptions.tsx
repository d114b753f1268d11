import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Prescription } from '../../api/messages';
import { Button, Card, Icon, StatusPill, TextField } from '../../design';

export interface PrescriptionsProps {
  prescriptions: Prescription[];
  onChange(prescriptions: Prescription[]): void;
  error?: string | undefined;
}

const EMPTY: Prescription = { medication: '', dose: '', frequency: '', days: null, instructions: '' };

/** Medicines, each a draft until the note is signed. */
export function Prescriptions({ prescriptions, onChange, error }: PrescriptionsProps): ReactElement {
  const { t } = useTranslation('workspace');
  const change = (index: number, part: Partial<Prescription>): void =>
    onChange(prescriptions.map((row, at) => (at === index ? { ...row, ...part } : row)));
  return (
    <Card
      title={t('note.prescriptions')}
      level={3}
      aside={
        <StatusPill tone="warn" icon="edit">
          {t('note.prescriptionDraft')}
        </StatusPill>
      }
    >
      <p className="soft small">{t('note.prescriptionsHint')}</p>
      {error && (
        <p className="field-error" id="note-prescriptions" tabIndex={-1}>
          <Icon name="alert" size={18} />
          {error}
        </p>
      )}
      {prescriptions.map((row, index) => (
        <Row
          key={index}
          number={index + 1}
          row={row}
          onChange={(part) => change(index, part)}
          onRemove={() => onChange(prescriptions.filter((_, at) => at !== index))}
        />
      ))}
      <div>
        <Button icon="plus" onPress={() => onChange([...prescriptions, EMPTY])}>
          {t('note.addPrescription')}
        </Button>
      </div>
    </Card>
  );
}

interface RowProps {
  number: number;
  row: Prescription;
  onChange(part: Partial<Prescription>): void;
  onRemove(): void;
}

function Row({ number, row, onChange, onRemove }: RowProps): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <fieldset className="prescription">
      <legend className="hidden-text">{t('note.prescriptionRow', { number })}</legend>
      <div className="prescription-fields">
        <TextField
          label={t('note.medication')}
          value={row.medication}
          onChange={(medication) => onChange({ medication })}
          autoComplete="off"
        />
        <TextField label={t('note.dose')} value={row.dose} onChange={(dose) => onChange({ dose })} autoComplete="off" />
        <TextField
          label={t('note.frequency')}
          value={row.frequency}
          onChange={(frequency) => onChange({ frequency })}
          autoComplete="off"
        />
        <TextField
          label={t('note.days')}
          value={row.days === null ? '' : String(row.days)}
          onChange={(text) => onChange({ days: daysOf(text) })}
          inputMode="numeric"
          autoComplete="off"
        />
        <TextField
          label={t('note.instructions')}
          value={row.instructions}
          onChange={(instructions) => onChange({ instructions })}
          autoComplete="off"
        />
      </div>
      <Button kind="quiet" icon="trash" iconOnly onPress={onRemove}>
        {t('note.removePrescription', { number })}
      </Button>
    </fieldset>
  );
}

/** Whole days up to a year; anything else is no number of days. */
function daysOf(text: string): number | null {
  const digits = text.normalize('NFKC').replaceAll(/\D/g, '').slice(0, 3);
  return digits === '' ? null : Math.min(365, Number(digits));
}
