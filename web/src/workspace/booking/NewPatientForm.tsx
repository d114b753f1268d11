import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, get, post } from '../../api/client';
import type { Chart, PatientSummary } from '../../api/messages';
import { Banner, Button, ErrorText, RadioGroup, Select, TextField } from '../../design';
import { LANGUAGES, currentLanguage } from '../../i18n';
import { type PatientEntries, SYSTEMS, faultsOfPatient, patientOf } from './newPatient';

const START: PatientEntries = {
  name: '',
  birthDate: '',
  sex: null,
  phone: '',
  system: 'mrn',
  identifier: '',
  language: 'zh-CN',
};

/** A patient who was never here. An identifier that is already known leads to the patient who has it. */
export function NewPatientForm({
  onPick,
  onBack,
}: {
  onPick(patient: PatientSummary): void;
  onBack(): void;
}): ReactElement {
  const { t } = useTranslation('workspace');
  const [entries, setEntries] = useState<PatientEntries>(() => ({ ...START, language: currentLanguage() }));
  const [tried, setTried] = useState(false);
  const faults = tried ? faultsOfPatient(entries, new Date()) : {};
  const create = useMutation({
    mutationFn: () => post<{ patient: PatientSummary }>('/patients', patientOf(entries, new Date())),
    onSuccess: ({ patient }) => onPick(patient),
  });
  const submit = (): void => {
    setTried(true);
    const [first] = Object.keys(faultsOfPatient(entries, new Date()));
    if (first) focusField(first);
    else create.mutate();
  };
  const said = (field: keyof typeof faults, label: string): string | undefined => {
    const fault = faults[field];
    return fault && t(`patient.${fault}`, { field: label });
  };
  const change = (part: Partial<PatientEntries>): void => setEntries((before) => ({ ...before, ...part }));
  return (
    <div className="stack">
      {create.isError && <CreateFailure error={create.error} onPick={onPick} />}
      <TextField
        id="patient-name"
        label={t('patient.name')}
        value={entries.name}
        onChange={(name) => change({ name })}
        error={said('name', t('patient.name'))}
        autoComplete="off"
        autoFocus
      />
      <div className="form-pair">
        <TextField
          id="patient-birthDate"
          label={t('patient.birthDate')}
          hint={t('patient.birthDateHint')}
          value={entries.birthDate}
          onChange={(birthDate) => change({ birthDate })}
          error={said('birthDate', t('patient.birthDate'))}
          inputMode="numeric"
          autoComplete="off"
        />
        <TextField
          id="patient-phone"
          label={t('patient.phone')}
          type="tel"
          value={entries.phone}
          onChange={(phone) => change({ phone })}
          error={said('phone', t('patient.phone'))}
          autoComplete="off"
        />
      </div>
      <RadioGroup
        id="patient-sex"
        label={t('patient.sex')}
        columns={2}
        options={(['female', 'male', 'other', 'unknown'] as const).map((id) => ({ id, label: t(`sex.${id}`) }))}
        value={entries.sex}
        onChange={(sex) => change({ sex })}
        error={said('sex', t('patient.sex'))}
      />
      <div className="form-pair">
        <Select
          label={t('patient.identifierSystem')}
          options={Object.keys(SYSTEMS).map((id) => ({ id, label: t(`patient.system.${id}`) }))}
          value={entries.system}
          onChange={(system) => change({ system })}
        />
        <TextField
          label={t('patient.identifier')}
          value={entries.identifier}
          onChange={(identifier) => change({ identifier })}
          autoComplete="off"
        />
      </div>
      <Select
        label={t('patient.language')}
        options={(Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]).map((id) => ({ id, label: LANGUAGES[id] }))}
        value={entries.language}
        onChange={(language) => change({ language })}
      />
      <div className="dialog-actions">
        <Button onPress={onBack}>{t('do.cancelDialog')}</Button>
        <Button kind="primary" isPending={create.isPending} onPress={submit}>
          {t('patient.create')}
        </Button>
      </div>
    </div>
  );
}

function CreateFailure({ error, onPick }: { error: unknown; onPick(patient: PatientSummary): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const id = error instanceof ApiError && error.code === 'patient.exists' ? error.details.patient_id : null;
  const open = useMutation({
    mutationFn: () => get<Chart>(`/patients/${encodeURIComponent(String(id))}/chart`),
    onSuccess: (chart) => onPick(chart.patient),
  });
  if (typeof id !== 'string') {
    return (
      <Banner tone="danger" live="alert">
        <ErrorText error={error} />
      </Banner>
    );
  }
  return (
    <Banner
      tone="warn"
      live="alert"
      actions={
        <Button isPending={open.isPending} onPress={() => open.mutate()}>
          {t('patient.useExisting')}
        </Button>
      }
    >
      {t('patient.exists')}
    </Banner>
  );
}

function focusField(name: string): void {
  const target = document.getElementById(`patient-${name}`);
  (target?.querySelector<HTMLElement>('input') ?? target)?.focus();
}
