import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ApiError, get, post } from '../../api/client';
import { useSession } from '../../api/session';
import type { PatientSummary, PractitionerEntry, VisitSummary, VisitType } from '../../api/messages';
import { Banner, Button, Dialog, ErrorText, RadioGroup, Select, StepProgress, TextField } from '../../design';
import { formatDayTime, formatMoney, localDay } from '../../format';
import { nameIn } from '../../i18n';
import { JoinLink } from './JoinLink';
import { NewPatientForm } from './NewPatientForm';
import { PatientLine, PatientSearch } from './PatientSearch';
import { SlotPicker } from './SlotPicker';

export type BookingKind = 'booked' | 'walk-in';
interface Booked {
  visit: VisitSummary;
  join_url: string;
}

export interface BookDialogProps {
  kind: BookingKind;
  /** Whom it is for, when that is known before. */
  patient?: PatientSummary;
  onClose(): void;
}

/** Books a visit or takes a walk-in: the patient, then time and type, then the link to hand over. */
export function BookDialog({ kind, patient: known, onClose }: BookDialogProps): ReactElement {
  const { t } = useTranslation('workspace');
  const [patient, setPatient] = useState<PatientSummary | null>(known ?? null);
  const [adding, setAdding] = useState(false);
  const [booked, setBooked] = useState<Booked | null>(null);
  const step = booked ? 3 : patient ? 2 : 1;
  const words = ['patient', 'time', 'done'] as const;
  return (
    <Dialog title={t(kind === 'booked' ? 'book.title' : 'book.walkInTitle')} isOpen onClose={onClose} width={620}>
      <StepProgress step={step} of={3} label={t(`book.step.${words[step - 1] ?? 'patient'}`)} />
      {booked ? (
        <Done kind={kind} booked={booked} onClose={onClose} onAnother={() => (setBooked(null), setPatient(null))} />
      ) : patient ? (
        <TimeAndType kind={kind} patient={patient} onChangePatient={() => setPatient(null)} onBooked={setBooked} />
      ) : adding ? (
        <NewPatientForm onPick={(made) => (setPatient(made), setAdding(false))} onBack={() => setAdding(false)} />
      ) : (
        <>
          <PatientSearch onPick={setPatient} />
          <div>
            <Button icon="plus" onPress={() => setAdding(true)}>
              {t('book.newPatient')}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface TimeAndTypeProps {
  kind: BookingKind;
  patient: PatientSummary;
  onChangePatient(): void;
  onBooked(booked: Booked): void;
}

function TimeAndType({ kind, patient, onChangePatient, onBooked }: TimeAndTypeProps): ReactElement {
  const { t } = useTranslation('workspace');
  const queries = useQueryClient();
  const self = useSession().data?.session?.user;
  const types = useVisitTypes();
  // The front desk holds no visits, and is not told what they are for.
  const holdsVisits = self?.role === 'clinician';
  const [practitioner, setPractitioner] = useState((holdsVisits && self.practitioner_id) || '');
  const [chosenType, setType] = useState<string | null>(null);
  const [day, setDay] = useState(localDay());
  const [start, setStart] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const type = chosenType ?? types.data?.[0]?.code ?? null;
  const book = useMutation({
    mutationFn: () =>
      post<Booked>('/visits', {
        patient_id: patient.id,
        practitioner_id: practitioner,
        visit_type: type,
        ...(kind === 'booked' && { start }),
        ...(reason.trim() && { reason: reason.trim() }),
      }),
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ['visits'] });
      onBooked(answer);
    },
    onError: async (error) => {
      if (!isTaken(error)) return;
      setStart(null);
      await queries.invalidateQueries({ queryKey: ['slots'] });
    },
  });
  const complete = practitioner !== '' && type !== null && (kind === 'walk-in' || start !== null);
  const submit = (): void => {
    setTried(true);
    if (complete) book.mutate();
  };
  return (
    <div className="stack">
      <div className="picked-patient">
        <PatientLine patient={patient} />
        <Button kind="quiet" onPress={onChangePatient}>
          {t('book.change')}
        </Button>
      </div>
      {book.isError && (
        <Banner tone={isTaken(book.error) ? 'warn' : 'danger'} live="alert">
          {isTaken(book.error) ? t('book.taken') : <ErrorText error={book.error} />}
        </Banner>
      )}
      <PractitionerSelect
        value={practitioner}
        onChange={(id) => (setPractitioner(id), setStart(null))}
        error={tried && practitioner === '' ? t('book.pickPractitioner') : undefined}
      />
      <TypeChoice
        types={types.data ?? []}
        value={type}
        onChange={setType}
        error={tried && type === null ? t('book.pickType') : undefined}
      />
      {kind === 'booked' && (
        <>
          <TextField
            label={t('book.day')}
            type="date"
            value={day}
            onChange={(value) => value && (setDay(value), setStart(null))}
            {...{ min: localDay() }}
          />
          {practitioner && (
            <SlotPicker
              practitioner={practitioner}
              day={day}
              value={start}
              onChange={setStart}
              error={tried && !start ? t('book.pickSlot') : undefined}
            />
          )}
        </>
      )}
      {holdsVisits && (
        <TextField label={t('book.reason')} value={reason} onChange={setReason} maxLength={500} autoComplete="off" />
      )}
      <div className="dialog-actions">
        <Button kind="primary" isPending={book.isPending} onPress={submit}>
          {t(kind === 'booked' ? 'book.submit' : 'book.submitWalkIn')}
        </Button>
      </div>
    </div>
  );
}

function PractitionerSelect(props: {
  value: string;
  onChange(id: string): void;
  error: string | undefined;
}): ReactElement {
  const { t } = useTranslation('workspace');
  const practitioners = useQuery({
    queryKey: ['practitioners'],
    queryFn: async () => (await get<{ practitioners: PractitionerEntry[] }>('/practitioners')).practitioners,
    staleTime: 300_000,
  });
  return (
    <Select
      label={t('book.practitioner')}
      options={(practitioners.data ?? []).map(({ id, name, title, organization }) => ({
        id,
        label: name,
        hint: [title, organization?.name].filter(Boolean).join(' · '),
      }))}
      value={props.value || null}
      onChange={props.onChange}
      error={props.error}
    />
  );
}

interface TypeChoiceProps {
  types: VisitType[];
  value: string | null;
  onChange(code: string): void;
  error: string | undefined;
}

function TypeChoice({ types, value, onChange, error }: TypeChoiceProps): ReactElement {
  const { t } = useTranslation('workspace');
  return (
    <RadioGroup
      label={t('book.type')}
      options={types.map((type) => ({
        id: type.code,
        label: nameIn(type.name),
        hint: t('book.typeDetails', { minutes: type.minutes, price: formatMoney(type.price) }),
      }))}
      columns={2}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}

interface DoneProps {
  kind: BookingKind;
  booked: Booked;
  onClose(): void;
  onAnother(): void;
}

function Done({ kind, booked, onClose, onAnother }: DoneProps): ReactElement {
  const { t } = useTranslation('workspace');
  const navigate = useNavigate();
  const { visit } = booked;
  return (
    <div className="stack">
      <Banner tone="ok" live="status" title={visit.patient.name}>
        {kind === 'walk-in' ? t('book.walkedIn') : t('book.booked', { when: formatDayTime(visit.start) })}
      </Banner>
      <JoinLink url={booked.join_url} />
      <div className="dialog-actions">
        <Button kind="quiet" onPress={onAnother}>
          {t('book.another')}
        </Button>
        <Button onPress={onClose}>{t('do.close')}</Button>
        <Button
          icon="arrow-right"
          onPress={() => {
            onClose();
            void navigate(`/work/visits/${visit.id}`);
          }}
        >
          {t('visit.open')}
        </Button>
      </div>
    </div>
  );
}

function useVisitTypes(): ReturnType<typeof useQuery<VisitType[]>> {
  return useQuery({
    queryKey: ['visit-types'],
    queryFn: async () => (await get<{ visit_types: VisitType[] }>('/visit-types')).visit_types,
    staleTime: 300_000,
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'slot.taken';
}
