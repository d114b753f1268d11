import { type ReactElement, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Disposition } from '../../api/messages';
import { Banner, Button, Card, ErrorSummary, Failure, Loading, RadioGroup, TextField } from '../../design';
import { formatTimeWithSeconds } from '../../format';
import { DiagnosisField } from './DiagnosisField';
import { NoteView } from './NoteView';
import { Prescriptions } from './Prescriptions';
import { SaveLine } from './SaveLine';
import type { NoteBody } from './noteSession';
import type { OpenNote } from './useNote';

const DISPOSITIONS: Disposition[] = ['self-care', 'clinic', 'hospital', 'emergency', 'unsuitable'];
const SOAP = ['subjective', 'objective', 'assessment', 'plan'] as const;

export interface NotePartProps {
  open: OpenNote;
  /** Fields that signing found empty; they are shown as faults. */
  missing: readonly string[];
}

/** The visit's note: written and saved as one types, locked by the signature. */
export function NotePart({ open, missing }: NotePartProps): ReactElement {
  const { t } = useTranslation('workspace');
  if (open.isPending) return <Loading />;
  if (open.error && !open.note) return <Failure error={open.error} onRetry={() => void open.refetch()} />;
  if (open.note?.signed) return <NoteView note={open.note} />;
  const faults = missing
    .filter((field) => isEmpty(open.snapshot.body, field))
    .map((field) => ({ field: `note-${field}`, text: t([`note.missing.${field}`, 'note.missing.other'], { field }) }));
  return (
    <form className="note" aria-label={t('note.heading')} onSubmit={(event) => event.preventDefault()}>
      <SaveLine snapshot={open.snapshot} />
      <FocusOnFaults faults={faults} missing={missing} />
      <Conflict open={open} />
      <NoteFields open={open} faultOf={(field) => faults.find((fault) => fault.field === `note-${field}`)?.text} />
    </form>
  );
}

interface FieldsProps {
  open: OpenNote;
  faultOf(field: string): string | undefined;
}

function NoteFields({ open, faultOf }: FieldsProps): ReactElement {
  const { t } = useTranslation('workspace');
  const { session, snapshot } = open;
  const { body } = snapshot;
  const text = (field: TextFieldName, rows: number): ReactElement => (
    <TextField
      id={`note-${field}`}
      label={t(`note.${LABEL[field] ?? field}`)}
      hint={HINTED.has(field) ? t(`note.${LABEL[field] ?? field}Hint`) : undefined}
      value={body[field]}
      onChange={(value) => session.edit({ [field]: value })}
      error={faultOf(field)}
      multiline
      rows={rows}
    />
  );
  return (
    <>
      <div className="soap">
        {SOAP.map((field) => (
          <div key={field}>{text(field, 4)}</div>
        ))}
      </div>
      <Card title={t('note.diagnoses')} level={3}>
        <DiagnosisField
          diagnoses={body.diagnoses}
          onChange={(diagnoses) => session.edit({ diagnoses })}
          error={faultOf('diagnoses')}
        />
      </Card>
      <Prescriptions
        prescriptions={body.prescriptions}
        onChange={(prescriptions) => session.edit({ prescriptions })}
        error={faultOf('prescriptions')}
      />
      <Card>
        <RadioGroup
          id="note-disposition"
          label={t('note.disposition')}
          columns={2}
          options={DISPOSITIONS.map((id) => ({ id, label: t(`note.disposition_.${id}`) }))}
          value={body.disposition}
          onChange={(disposition) => session.edit({ disposition })}
          error={faultOf('disposition')}
        />
        {text('go_to_hospital_if', 3)}
        <div className="form-pair">
          {text('self_care', 3)}
          {text('follow_up', 3)}
        </div>
      </Card>
    </>
  );
}

type TextFieldName = (typeof SOAP)[number] | 'go_to_hospital_if' | 'self_care' | 'follow_up';
const LABEL: Record<string, string> = {
  go_to_hospital_if: 'goToHospital',
  self_care: 'selfCare',
  follow_up: 'followUp',
};
const HINTED = new Set<string>([...SOAP, 'go_to_hospital_if']);

/** The summary takes the focus once for each refusal to sign, not while the fields are being filled. */
function FocusOnFaults(props: {
  faults: { field: string; text: string }[];
  missing: readonly string[];
}): ReactElement | null {
  const { faults, missing } = props;
  useEffect(() => {
    if (missing.length > 0) document.querySelector<HTMLElement>('.note .error-summary')?.focus();
  }, [missing]);
  return faults.length > 0 ? <ErrorSummary key={missing.join()} faults={faults} /> : null;
}

function Conflict({ open }: { open: OpenNote }): ReactElement | null {
  const { t } = useTranslation('workspace');
  const { session, snapshot } = open;
  if (snapshot.state !== 'conflict' || !snapshot.theirs) return null;
  const fields = session.differing().map((field) => t(`note.${LABEL[field] ?? field}`));
  return (
    <Banner
      tone="warn"
      live="alert"
      title={t('note.conflict.title')}
      actions={
        <>
          <Button onPress={() => session.keepMine()}>{t('note.conflict.mine')}</Button>
          <Button onPress={() => session.takeTheirs()}>{t('note.conflict.theirs')}</Button>
        </>
      }
    >
      <p>
        {t('note.conflict.body', {
          version: snapshot.theirs.version,
          time: snapshot.theirs.saved_at ? formatTimeWithSeconds(snapshot.theirs.saved_at) : '',
        })}
      </p>
      <p>{t('note.conflict.fields', { fields: fields.join(', ') })}</p>
    </Banner>
  );
}

function isEmpty(body: NoteBody, field: string): boolean {
  const value = body[field as keyof NoteBody];
  if (field === 'prescriptions')
    return body.prescriptions.some((row) => !row.medication.trim() || !row.dose.trim() || !row.frequency.trim());
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value.trim() === '';
}
