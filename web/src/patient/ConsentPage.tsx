import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { ApiError, get, post } from '../api/client';
import type { ConsentText, Visit } from '../api/messages';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { Page } from '../design/Page';
import { Checkbox, RadioGroup, TextField } from '../design/fields';
import { Failure, Loading, StepProgress, errorText } from '../design/surfaces';
import { currentLanguage, nameIn } from '../i18n';
import { useRoom } from '../visit/VisitRoom';
import { Back } from './Back';
import { STEPS, stepNumber } from './steps';

/** `/v/:visit/consent`: the versioned text, in the reader's language, agreed to by name. */
export default function ConsentPage(): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visitId } = useRoom();
  const text = useQuery({
    queryKey: ['consent', visitId],
    queryFn: () => get<ConsentText>(`/visits/${encodeURIComponent(visitId)}/consent-text`, { as: 'visit' }),
  });
  return (
    <Page
      title={t('consent.title')}
      lead={t('consent.lead')}
      before={
        <>
          <Back to="../device" />
          <StepProgress step={stepNumber('consent')} of={STEPS.length} />
        </>
      }
      narrow
    >
      {text.isPending && <Loading />}
      {text.isError && <Failure error={text.error} onRetry={() => void text.refetch()} />}
      {text.data && <ConsentForm text={text.data} />}
    </Page>
  );
}

function ConsentForm({ text }: { text: ConsentText }): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, visitId, setVisit } = useRoom();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [by, setBy] = useState<'patient' | 'guardian'>(visit.consent?.by ?? (visit.proxy ? 'guardian' : 'patient'));
  const [name, setName] = useState(visit.consent?.name ?? visit.proxy?.name ?? '');
  const [agreed, setAgreed] = useState(false);
  const [faults, setFaults] = useState<Fault[]>([]);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const found: Fault[] = [];
    if (!agreed) found.push({ field: 'consent-agreed', text: t('consent.must-agree') });
    if (!name.trim()) found.push({ field: 'consent-name', text: t('consent.must-name') });
    setFaults(found);
    if (found.length) return;
    setBusy(true);
    try {
      const body = { version: text.version, language: currentLanguage(), agreed: true, by, name: name.trim() };
      const answer = await post<{ visit: Visit }>(`/visits/${encodeURIComponent(visitId)}/consent`, body, { as: 'visit' });
      setVisit(answer.visit);
      await navigate('../intake', { relative: 'path' });
    } catch (error) {
      setFaults([{ field: 'consent-name', text: errorText(t, error) }]);
      // A text that was published meanwhile is shown at once.
      if (error instanceof ApiError && error.code === 'consent.version') void queries.invalidateQueries({ queryKey: ['consent'] });
    } finally {
      setBusy(false);
    }
  };
  const fault = (field: string): string | null => faults.find((one) => one.field === field)?.text ?? null;
  return (
    <form className="stack gap-large" onSubmit={(event) => void submit(event)} noValidate>
      <ErrorSummary faults={faults} />
      <section className="card consent-text" aria-label={t('consent.text')} tabIndex={0}>
        {nameIn(text.text)
          .split(/\n{2,}/)
          .map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        <p className="soft small">{t('consent.version', { version: text.version })}</p>
      </section>
      <RadioGroup
        label={t('consent.who')}
        value={by}
        onChange={setBy}
        options={[
          { id: 'patient', label: t('consent.patient') },
          { id: 'guardian', label: t('consent.guardian'), hint: t('consent.guardian-hint') },
        ]}
      />
      <TextField
        id="consent-name"
        label={t(by === 'patient' ? 'consent.name' : 'consent.guardian-name')}
        autoComplete="name"
        maxLength={120}
        value={name}
        onChange={setName}
        error={fault('consent-name')}
      />
      <div id="consent-agreed">
        <Checkbox isSelected={agreed} onChange={setAgreed} isInvalid={!!fault('consent-agreed')}>
          {t('consent.agree')}
        </Checkbox>
      </div>
      <Button kind="primary" wide type="submit" isPending={busy}>
        {t('consent.submit')}
      </Button>
    </form>
  );
}
