import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import type { Proxy } from '../api/messages';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { RadioGroup, TextField } from '../design/fields';
import { Banner, errorText } from '../design/surfaces';
import { currentLanguage } from '../i18n';
import { ConfirmProxy } from './ConfirmProxy';
import type { Proof } from './JoinPage';
import { type DateParts, type ReadDate, readDate } from './birthDate';

/** Dates are typed in the order in which they are said. */
const DAY_FIRST = ['day', 'month', 'year'] as const;
const YEAR_FIRST = ['year', 'month', 'day'] as const;

export interface ConfirmProps {
  busy: boolean;
  failure: unknown;
  onConfirm(proof: Proof): Promise<void>;
}

type Who = 'patient' | 'proxy';

/**
 * "Confirm it is you": the birth date, or the code that the clinic gives over the phone. Who comes for the patient says
 * who they are on a second screen.
 */
export function ConfirmPatient({ busy, failure, onConfirm, bound }: ConfirmProps & { bound: boolean }): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const [byCode, setByCode] = useState(false);
  const [who, setWho] = useState<Who>('patient');
  const [proof, setProof] = useState<Proof | null>(null);
  const taken = bound || (failure instanceof ApiError && failure.code === 'join.bound');
  // What was refused is what the first screen asked.
  useEffect(() => {
    if (failure) setProof(null);
  }, [failure]);
  if (proof) {
    const confirm = (proxy: Proxy): void => void onConfirm({ ...proof, proxy });
    return <ConfirmProxy busy={busy} onConfirm={confirm} onBack={() => setProof(null)} />;
  }
  const given = async (next: Proof): Promise<void> => (who === 'patient' ? onConfirm(next) : setProof(next));
  const form = { busy, failure, onConfirm: given, forAnother: who === 'proxy' };
  return (
    <>
      {taken && (
        <Banner tone="warn" title={t('join.bound.title')}>
          {t('join.bound.text')}
        </Banner>
      )}
      <RadioGroup
        label={t('join.who')}
        options={[
          { id: 'patient', label: t('join.who-patient') },
          { id: 'proxy', label: t('join.who-proxy'), hint: t('join.who-proxy-hint') },
        ]}
        value={who}
        onChange={setWho}
      />
      {byCode ? <CodeForm {...form} /> : <BirthDateForm {...form} />}
      <Button kind="quiet" onPress={() => setByCode(!byCode)}>
        {t(byCode ? 'join.use-birth-date' : 'join.use-code')}
      </Button>
    </>
  );
}

interface PatientFormProps extends ConfirmProps {
  /** Somebody else than the patient confirms, and says next who they are. */
  forAnother: boolean;
}

function BirthDateForm({ busy, failure, onConfirm, forAnother }: PatientFormProps): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const [parts, setParts] = useState<DateParts>({ day: '', month: '', year: '' });
  const [fault, setFault] = useState<Extract<ReadDate, { ok: false }> | null>(null);
  const refused = useRefusal(failure);
  const faults: Fault[] = [];
  if (fault) faults.push({ field: `birth-${fault.field}`, text: t(`join.date.${fault.fault}`) });
  else if (refused) faults.push({ field: 'birth-day', text: refused });

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = readDate(parts, new Date());
    setFault(read.ok ? null : read);
    if (read.ok) void onConfirm({ birth_date: read.date });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ErrorSummary key={JSON.stringify(faults)} faults={faults} />
      <fieldset className="field" aria-describedby="birth-hint">
        <legend className="question">{t(forAnother ? 'join.birth-date-other' : 'join.birth-date')}</legend>
        <p id="birth-hint" className="field-hint">
          {t(forAnother ? 'join.birth-hint-other' : 'join.birth-hint')}
        </p>
        <div className="date-fields">
          {(currentLanguage() === 'en' ? DAY_FIRST : YEAR_FIRST).map((field) => (
            <TextField
              key={field}
              id={`birth-${field}`}
              label={t(`join.${field}`)}
              width={field === 'year' ? '4' : '2'}
              inputMode="numeric"
              autoComplete={`bday-${field}`}
              maxLength={field === 'year' ? 4 : 2}
              value={parts[field]}
              onChange={(value) => setParts({ ...parts, [field]: value })}
              aria-invalid={fault?.field === field || undefined}
            />
          ))}
        </div>
      </fieldset>
      <Button kind="primary" type="submit" isPending={busy}>
        {t(forAnother ? 'join.next' : 'join.confirm')}
      </Button>
    </form>
  );
}

function CodeForm({ busy, failure, onConfirm, forAnother }: PatientFormProps): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const [code, setCode] = useState('');
  const [empty, setEmpty] = useState(false);
  const refused = useRefusal(failure);
  const text = empty ? t('join.code-empty') : refused;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const digits = code.normalize('NFKC').replace(/\D/g, '');
    setEmpty(!digits);
    if (digits) void onConfirm({ code: digits });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ErrorSummary key={text} faults={text ? [{ field: 'join-code', text }] : []} />
      <TextField
        id="join-code"
        label={<span className="question">{t('join.code')}</span>}
        hint={t('join.code-hint')}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        value={code}
        onChange={setCode}
      />
      <Button kind="primary" type="submit" isPending={busy}>
        {t(forAnother ? 'join.next' : 'join.confirm')}
      </Button>
    </form>
  );
}

/** The words for a refused confirmation, with the attempts that are left. */
function useRefusal(failure: unknown): string | null {
  const { t } = useTranslation(['patient', 'errors']);
  if (!failure) return null;
  if (failure instanceof ApiError && failure.code === 'join.mismatch') {
    return t('join.mismatch', { count: Number(failure.details.attempts_left ?? 0) });
  }
  if (failure instanceof ApiError && failure.code === 'join.bound') return t('join.bound.title');
  return errorText(t, failure);
}
