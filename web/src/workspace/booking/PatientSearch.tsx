import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { PatientSummary } from '../../api/messages';
import { Button, Failure, Icon } from '../../design';
import { FindList } from '../../design/FindList';
import { formatDate } from '../../format';
import { useAge } from '../words';
import { asAsked } from './asAsked';

interface PageOfPatients {
  patients: PatientSummary[];
  /** Where the next page begins. */
  next: string | null;
}

/** Finds a patient of one's institution by name in any script or pinyin, identifier, birth date or phone. */
export function PatientSearch({ onPick }: { onPick(patient: PatientSummary): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const [typed, setTyped] = useState('');
  const query = useDeferredValue(asAsked(typed, new Date()));
  const enough = isEnough(query);
  const found = useInfiniteQuery({
    queryKey: ['patients', query],
    queryFn: ({ signal, pageParam }) => {
      const search = new URLSearchParams({ query, ...(pageParam !== null && { after: pageParam }) });
      return get<PageOfPatients>(`/patients?${search}`, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: enough,
    placeholderData: keepPreviousData,
  });
  const patients = enough ? (found.data?.pages ?? []).flatMap((page) => page.patients) : [];
  return (
    <>
      {enough && found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      <FindList
        label={t('book.patient')}
        hint={t('book.patientHint')}
        value={typed}
        onChange={setTyped}
        found={patients.map((patient) => ({
          id: patient.id,
          text: `${patient.name} ${patient.birth_date}`,
          content: <PatientLine patient={patient} />,
        }))}
        onPick={(id) => {
          const picked = patients.find((patient) => patient.id === id);
          if (picked) onPick(picked);
        }}
        status={enough && found.isError ? null : statusOf(t, enough, found.data ? patients.length : null, found.hasNextPage)}
        autoFocus
      />
      {enough && found.hasNextPage && (
        <div className="row">
          <Button icon="plus" isPending={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()}>
            {t('book.more')}
          </Button>
        </div>
      )}
    </>
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

function statusOf(
  t: (key: string, values?: Record<string, unknown>) => string,
  enough: boolean,
  count: number | null,
  more: boolean,
): string {
  if (!enough) return t('book.typeMore');
  if (count === null) return t('book.searching');
  if (count === 0) return t('book.notFound');
  return more ? t('book.foundMax', { count }) : t('book.found', { count });
}

/** Two characters, or one Chinese one: fewer would list half of the institution. */
function isEnough(query: string): boolean {
  return [...query].length >= 2 || /\p{Script=Han}/u.test(query);
}
