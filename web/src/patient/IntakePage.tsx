import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useParams } from 'react-router';
import { post, put } from '../api/client';
import type { Visit } from '../api/messages';
import { Button } from '../design/Button';
import { ErrorSummary, type Fault } from '../design/ErrorSummary';
import { Page } from '../design/Page';
import { StepProgress, errorText } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { Back } from './Back';
import { CheckAnswers } from './CheckAnswers';
import { EmergencyAdvice } from './EmergencyAdvice';
import { QuestionFields } from './QuestionFields';
import { type Question, QUESTIONS, faultsOf, firstOpen, intakeOf, useDraft } from './intakeDraft';
import { STEPS, stepNumber } from './steps';

/** `/v/:visit/intake/:question`: one question per page, then the answers once more, then the waiting room. */
export default function IntakePage(): ReactElement {
  const { question } = useParams();
  const { visit } = useRoom();
  if (question === 'emergency') return <EmergencyAdvice />;
  const known = QUESTIONS.find((one) => one === question);
  if (!known) return <Navigate to={visit.intake ? 'check' : QUESTIONS[0]} replace />;
  return <QuestionPage question={known} key={known} />;
}

function QuestionPage({ question }: { question: Question }): ReactElement {
  const { t } = useTranslation(['patient', 'errors']);
  const { visit, visitId, setVisit } = useRoom();
  const { draft, change, forget } = useDraft(visit);
  const navigate = useNavigate();
  const [faults, setFaults] = useState<Fault[]>([]);
  const [busy, setBusy] = useState(false);
  const index = QUESTIONS.indexOf(question);
  const open = firstOpen(draft);
  const ahead = open !== null && QUESTIONS.indexOf(open) < index;
  const path = `/visits/${encodeURIComponent(visitId)}`;

  // Behind a reload or a bookmark the questions before this one may be unanswered.
  useEffect(() => {
    if (ahead) void navigate(`../intake/${open}`, { relative: 'path', replace: true });
  }, [ahead, open, navigate]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const found = faultsOf(draft, question).map(({ field, key }) => ({ field, text: t(`intake.${key}`) }));
    setFaults(found);
    if (found.length) return;
    setBusy(true);
    try {
      if (question === 'red-flags') {
        const { visit: saved } = await put<{ visit: Visit }>(`${path}/intake`, intakeOf(draft), { as: 'visit' });
        setVisit(saved);
        await navigate(saved.red_flags.length ? '../emergency' : '../check', { relative: 'path' });
      } else if (question === 'check') {
        await put(`${path}/intake`, intakeOf(draft), { as: 'visit' });
        const { visit: arrived } = await post<{ visit: Visit }>(`${path}/arrive`, undefined, { as: 'visit' });
        forget();
        setVisit(arrived);
        await navigate('../../waiting', { relative: 'path' });
      } else {
        await navigate(`../${QUESTIONS[index + 1]}`, { relative: 'path' });
      }
    } catch (error) {
      setFaults([{ field: question, text: errorText(t, error) }]);
    } finally {
      setBusy(false);
    }
  };
  const fault = (field: string): string | null => faults.find((one) => one.field === field)?.text ?? null;
  const check = question === 'check';
  return (
    <Page
      title={t(`intake.${question}.title`)}
      lead={t(`intake.${question}.lead`, { defaultValue: '' })}
      before={
        <>
          <Back to={index === 0 ? '../../consent' : `../${QUESTIONS[index - 1]}`} />
          <StepProgress
            step={stepNumber('intake')}
            of={STEPS.length}
            label={check ? undefined : t('intake.question', { index: index + 1, of: QUESTIONS.length - 1 })}
          />
        </>
      }
      narrow
    >
      <form className="stack gap-large" onSubmit={(event) => void submit(event)} noValidate>
        <ErrorSummary faults={faults} />
        {check ? <CheckAnswers draft={draft} /> : <QuestionFields question={question} draft={draft} change={change} fault={fault} />}
        <Button kind="primary" wide type="submit" isPending={busy}>
          {t(check ? (visit.state === 'planned' ? 'intake.check.submit' : 'intake.check.save') : 'shell:continue')}
        </Button>
      </form>
    </Page>
  );
}
