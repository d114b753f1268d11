import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactElement, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Collection, ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { get } from '../../api/client';
import type { PatientSummary } from '../../api/types';
import { Failure, Icon, TextField } from '../../design';
import { formatDate } from '../../format';
import { useAge } from '../words';

const MOST = 20;

/** Finds a patient of one's institution by name in any script or pinyin, identifier, birth date or phone. */
export function PatientSearch({ onPick }: { onPick(patient: PatientSummary): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const [typed, setTyped] = useState('');
  const query = useDeferredValue(typed.trim());
  const enough = isEnough(query);
  const found = useQuery({
    queryKey: ['patients', query],
    queryFn: async ({ signal }) => {
      const search = new URLSearchParams({ query });
      return (await get<{ patients: PatientSummary[] }>(`/patients?${search}`, { signal })).patients;
    },
    enabled: enough,
    placeholderData: keepPreviousData,
  });
  const patients = enough ? (found.data ?? []) : [];
  return (
    <div className="patient-search">
      <TextField
        label={t('book.patient')}
        hint={t('book.patientHint')}
        type="search"
        value={typed}
        onChange={setTyped}
        autoComplete="off"
        autoFocus
      />
      {found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      <p className="soft small" role="status">
        {!enough && t('book.typeMore')}
        {enough && found.isPending && t('book.searching')}
        {enough && found.data && (patients.length === 0 ? t('book.notFound') : counted(t, patients.length))}
      </p>
      {patients.length > 0 && (
        <ListBox
          className="options patient-options"
          aria-label={t('book.patient')}
          selectionMode="single"
          onSelectionChange={(keys) => {
            const picked = patients.find((patient) => keys !== 'all' && keys.has(patient.id));
            if (picked) onPick(picked);
          }}
        >
          <Collection items={patients}>{(patient) => <PatientOption patient={patient} />}</Collection>
        </ListBox>
      )}
    </div>
  );
}

function PatientOption({ patient }: { patient: PatientSummary }): ReactElement {
  return (
    <ListBoxItem id={patient.id} textValue={`${patient.name} ${patient.birth_date}`} className="option">
      <PatientLine patient={patient} />
    </ListBoxItem>
  );
}

/** A patient in two lines: enough to tell two of the same name apart. */
export function PatientLine({ patient }: { patient: PatientSummary }): ReactElement {
  const { t } = useTranslation('workspace');
  const age = useAge();
  const details = [
    t(`sex.${patient.sex}`),
    `${formatDate(patient.birth_date)} (${age(patient.birth_date)})`,
    patient.identifiers[0]?.value,
    patient.phone,
  ];
  return (
    <>
      <Icon name="user" size={20} />
      <span className="choice-text">
        <span className="patient-name">{patient.name}</span>
        <span className="field-hint numbers">{details.filter(Boolean).join(' · ')}</span>
      </span>
    </>
  );
}

function counted(t: (key: string, values: Record<string, unknown>) => string, count: number): string {
  return count >= MOST ? t('book.foundMax', { count }) : t('book.found', { count });
}

/** Two characters, or one Chinese one: fewer would list half of the institution. */
function isEnough(query: string): boolean {
  return [...query].length >= 2 || /\p{Script=Han}/u.test(query);
}
