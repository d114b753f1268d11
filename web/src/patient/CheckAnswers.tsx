import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Draft, Question } from './intakeDraft';

/** Everything that was answered, each with a way back to its question. */
export function CheckAnswers({ draft }: { draft: Draft }): ReactElement {
  const { t } = useTranslation('patient');
  const { duration, location, emergency_contact: contact } = draft;
  const list = (prefix: string, codes: readonly string[]): string => codes.map((code) => t(`${prefix}.${code}`)).join(t('comma'));
  const rows: [Question, ReactNode][] = [
    ['reason', draft.reason],
    ['symptoms', list('symptom', draft.symptoms)],
    ['duration', t(`for.${duration.unit}`, { count: Number(duration.value) || 0 })],
    ['location', [location.text, location.city].filter(Boolean).join(t('comma'))],
    ['contact', [draft.callback_number, [contact.name, contact.relation, contact.phone].filter(Boolean).join(t('comma'))].join('\n')],
    ['red-flags', draft.red_flags?.length ? list('red-flag', draft.red_flags) : t('intake.red-flags.none')],
  ];
  return (
    <dl className="card answers">
      {rows.map(([question, answer]) => (
        <div className="answer" key={question}>
          <dt>{t(`intake.${question}.short`)}</dt>
          <dd>{answer}</dd>
          <dd className="answer-change">
            <Link to={`../${question}`} relative="path">
              {t('intake.change')}
              <span className="hidden-text"> {t(`intake.${question}.short`)}</span>
            </Link>
          </dd>
        </div>
      ))}
    </dl>
  );
}
