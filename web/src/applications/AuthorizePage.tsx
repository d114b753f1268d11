import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../api/client';
import type { Asked, PatientSummary, Redirect } from '../api/messages';
import { Banner, Button, Card, ErrorText, Failure, Page, PageLoading } from '../design';
import { formatDate } from '../format';
import { PatientLine, PatientSearch } from '../workspace/booking/PatientSearch';
import { AskedList } from './AskedList';
import './applications.css';

/** An application of others asks to see records: which one, what, about whom; let it or not. */
export default function AuthorizePage(): ReactElement {
  const { t } = useTranslation('applications');
  const query = location.search.slice(1);
  const asked = useQuery({
    queryKey: ['authorize', query],
    queryFn: () => post<Asked | Redirect>('/authorizations/look', { query }),
    retry: false,
    staleTime: Infinity,
  });
  const elsewhere = asked.data && 'redirect' in asked.data ? asked.data.redirect : null;
  useEffect(() => {
    if (elsewhere) location.replace(elsewhere);
  }, [elsewhere]);
  if (asked.isError) {
    return (
      <Page title={t('ask.refused')} lead={t('ask.refusedLead')} narrow>
        <Failure error={asked.error} onRetry={() => void asked.refetch()} />
      </Page>
    );
  }
  if (!asked.data || 'redirect' in asked.data) return <PageLoading />;
  return <Question asked={asked.data} query={query} />;
}

function Question({ asked, query }: { asked: Asked; query: string }): ReactElement {
  const { t } = useTranslation('applications');
  const [chosen, setChosen] = useState<PatientSummary | null>(null);
  const decide = useMutation({
    mutationFn: (allow: boolean) =>
      post<Redirect>('/authorizations', { query, allow, ...(allow && chosen && { patient_id: chosen.id }) }),
    // Stays pending in the eyes of the reader until the browser has left.
    onSuccess: ({ redirect }) => location.assign(redirect),
  });
  const busy = decide.isPending || decide.isSuccess;
  const missing = asked.patient_needed && !chosen;
  const { name, place } = asked.application;
  return (
    <Page title={t('ask.title', { name })} lead={t('ask.lead', { place })} narrow>
      {decide.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={decide.error} />
        </Banner>
      )}
      <Card title={t('ask.what')}>
        <AskedList asked={asked} />
      </Card>
      {(asked.patient || asked.patient_needed) && (
        <Card title={t('ask.whom')}>
          {asked.patient && (
            <p>
              <strong>{asked.patient.name}</strong>{' '}
              <span className="soft numbers">{t('ask.born', { date: formatDate(asked.patient.birth_date) })}</span>
            </p>
          )}
          {asked.patient_needed && <Chosen patient={chosen} onChoose={setChosen} />}
        </Card>
      )}
      <p className="soft small">{t('ask.note')}</p>
      <div className="ask-actions">
        <Button isDisabled={busy} onPress={() => decide.mutate(false)} wide>
          {t('ask.refuse')}
        </Button>
        <Button kind="primary" isDisabled={missing} isPending={busy} onPress={() => decide.mutate(true)} wide>
          {t('ask.allow')}
        </Button>
      </div>
    </Page>
  );
}

function Chosen(props: { patient: PatientSummary | null; onChoose(patient: PatientSummary | null): void }): ReactElement {
  const { t } = useTranslation('applications');
  if (!props.patient) return <PatientSearch onPick={props.onChoose} />;
  return (
    <div className="ask-patient">
      <div className="ask-patient-line">
        <PatientLine patient={props.patient} />
      </div>
      <Button onPress={() => props.onChoose(null)}>{t('ask.other')}</Button>
    </div>
  );
}
