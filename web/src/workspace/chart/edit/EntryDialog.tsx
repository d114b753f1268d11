import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart } from '../../../api/chart';
import { ApiError, get, post, put } from '../../../api/client';
import { Banner, Button, Dialog, ErrorText } from '../../../design';
import type { Opened } from '../Keeping';
import { PatientLine } from '../../booking/PatientSearch';
import { ConflictBanner } from './ConflictBanner';
import { EntryField } from './EntryField';
import { FORMS, type Form, type Kept, faultsOf } from './forms';
import { type Merged, type Values, merged } from './merge';

export interface EntryDialogProps {
  opened: Exclude<Opened, { what: 'history' }>;
  chart: Chart;
  onClose(): void;
}

/** What the form rests on: the version that was read, and its values. */
interface Base {
  version: number | null;
  values: Values;
}

/** A form of an entry that is being filled. */
interface Filling {
  form: Form;
  base: Base;
  values: Values;
  dirty: boolean;
  /** What another person made of the entry meanwhile, once it is known. */
  conflict: Kept | null;
  joined: Merged | null;
  isPending: boolean;
  error: unknown;
  change(changed: Values): void;
  save(): void;
  /** Rests the form on their version: with one's own changes on top, or without them. */
  rebase(mine: boolean): void;
}

function useFilling({ opened, chart, onClose }: EntryDialogProps): Filling {
  const queries = useQueryClient();
  const form: Form = FORMS[opened.what];
  const [base, setBase] = useState<Base>(() => ({
    version: opened.entry?.version ?? null,
    values: form.valuesOf(opened.entry),
  }));
  const [values, setValues] = useState(base.values);
  const [conflict, setConflict] = useState<Kept | null>(null);
  const [joined, setJoined] = useState<Merged | null>(null);
  const at = `/patients/${encodeURIComponent(chart.patient.id)}/${form.path}`;
  const save = useMutation({
    mutationFn: () => {
      const body = form.body(values);
      if (!opened.entry || base.version === null) return post(at, body);
      return put(`${at}/${encodeURIComponent(opened.entry.id)}`, body, { headers: { 'if-match': `W/"${base.version}"` } });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['chart'] });
      onClose();
    },
    onError: async (error) => {
      if (isConflict(error) && opened.entry) setConflict(await standing(chart.patient.id, opened.entry.id));
    },
  });
  const rebase = (mine: boolean): void => {
    if (!conflict) return;
    const theirs = form.valuesOf(conflict);
    const join = merged(base.values, mine ? values : base.values, theirs);
    setBase({ version: conflict.version, values: theirs });
    setValues(join.values);
    setJoined(mine ? join : null);
    setConflict(null);
    save.reset();
  };
  return {
    form,
    base,
    values,
    dirty: Object.keys(values).some((field) => values[field] !== base.values[field]),
    conflict,
    joined,
    isPending: save.isPending,
    error: save.error,
    change: (changed) => setValues({ ...values, ...changed }),
    save: () => save.mutate(),
    rebase,
  };
}

/** The form of an entry. It is saved over the version that was read; where another stands, both are shown first. */
export function EntryDialog(props: EntryDialogProps): ReactElement {
  const { opened, chart, onClose } = props;
  const { t } = useTranslation('record');
  const filling = useFilling(props);
  const { form, values, dirty, conflict, joined, error } = filling;
  const [tried, setTried] = useState(false);
  useLeaving(dirty);
  const mayNotSave = isConflict(error) || (opened.entry !== null && !dirty);
  const submit = (): void => {
    if (mayNotSave) return;
    setTried(true);
    const wrong = Object.keys(faultsOf(form, values))[0];
    if (wrong) document.getElementById(`entry-${wrong}`)?.focus();
    else filling.save();
  };
  const name = opened.entry?.text ?? '';
  return (
    <Dialog
      title={t(opened.entry ? `form.${opened.what}.change` : `form.${opened.what}.add`, { name })}
      isOpen
      onClose={onClose}
      role={dirty ? 'alertdialog' : 'dialog'}
      width={620}
      actions={
        <>
          <Button onPress={onClose}>{t('do.discard')}</Button>
          <Button
            kind="primary"
            isPending={filling.isPending}
            isDisabled={mayNotSave}
            onPress={submit}
          >
            {t('do.save')}
          </Button>
        </>
      }
    >
      <div className="row form-patient">
        <PatientLine patient={chart.patient} />
      </div>
      {error !== null && !isConflict(error) && (
        <Banner tone="danger" live="alert">
          <ErrorText error={error} />
        </Banner>
      )}
      {isConflict(error) && opened.entry && (
        <ConflictBanner
          patientId={chart.patient.id}
          form={form}
          id={opened.entry.id}
          base={filling.base.version ?? 0}
          isReady={conflict !== null}
          onMine={() => filling.rebase(true)}
          onTheirs={() => filling.rebase(false)}
        />
      )}
      {joined && <JoinedBanner form={form} joined={joined} />}
      {opened.what === 'order' && <p>{t('form.order.lead', { name })}</p>}
      <Fields filling={filling} faults={tried ? faultsOf(form, values) : {}} onSubmit={submit} />
    </Dialog>
  );
}

function Fields(props: { filling: Filling; faults: Record<string, string>; onSubmit(): void }): ReactElement {
  const { filling, faults, onSubmit } = props;
  return (
    <form
      className="entry-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {filling.form.fields.map((field, index) => (
        <div key={field.id} data-kind={field.kind}>
          <EntryField
            field={field}
            form={filling.form}
            values={filling.values}
            fault={faults[field.id]}
            marked={filling.joined?.both.includes(field.id) ?? false}
            autoFocus={index === 0}
            onChange={filling.change}
          />
        </div>
      ))}
      <button type="submit" hidden />
    </form>
  );
}

function JoinedBanner({ form, joined }: { form: Form; joined: Merged }): ReactElement {
  const { t } = useTranslation('record');
  const names = (fields: string[]): string => fields.map((field) => t([`field.${form.resource}.${field}`, `field.${field}`])).join(', ');
  const own = form.fields.map(({ id }) => id);
  const both = joined.both.filter((field) => own.includes(field));
  const theirs = joined.theirs.filter((field) => own.includes(field));
  return (
    <Banner tone={both.length > 0 ? 'warn' : 'info'} live="status" title={t('conflict.joined')}>
      {theirs.length > 0 && <p>{t('conflict.joinedTheirs', { fields: names(theirs) })}</p>}
      {both.length > 0 && <p>{t('conflict.joinedBoth', { fields: names(both) })}</p>}
    </Banner>
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'record.changed';
}

/** The entry as it stands now. */
async function standing(patientId: string, id: string): Promise<Kept | null> {
  const chart = await get<Chart>(`/patients/${encodeURIComponent(patientId)}/chart`);
  const all: Kept[] = [...chart.conditions, ...chart.allergies, ...chart.medications];
  return all.find((entry) => entry.id === id) ?? null;
}

/** Asks before the window is left with a form that was begun. */
function useLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);
}
