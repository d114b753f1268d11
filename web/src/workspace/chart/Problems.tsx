import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Chart, ProblemEntry } from '../../api/chart';
import { Button, Card, StatusPill } from '../../design';
import { formatDate } from '../../format';
import { Certainty } from './Certainty';
import { Entries, type Shown } from './Entries';
import { useKeeper } from './Keeping';
import { byStanding, standingOfProblem } from './standing';
import { useWord } from './words';

export function Problems({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('record');
  const word = useWord();
  const keeper = useKeeper();
  const show = (problem: ProblemEntry): Shown => ({
    id: problem.id,
    name: problem.text,
    resource: 'Condition',
    main: <span className="entry-name">{problem.text}</span>,
    pills: (
      <>
        <Certainty verification={problem.verification} />
        {problem.status && problem.status !== 'active' && problem.verification !== 'refuted' && (
          <StatusPill>{word('clinical', problem.status)}</StatusPill>
        )}
      </>
    ),
    details: [
      [
        problem.code,
        problem.severity,
        problem.onset && t('since', { date: dateOf(problem.onset) }),
        problem.abatement && t('until', { date: dateOf(problem.abatement) }),
      ]
        .filter(Boolean)
        .join(' · '),
      [!problem.onset && problem.recorded_at && t('recorded', { date: formatDate(problem.recorded_at) }), problem.recorder]
        .filter(Boolean)
        .join(' · '),
      problem.note,
    ],
    onChange: () => keeper?.open({ what: 'problem', entry: problem }),
  });
  const entries = byStanding(chart.conditions, standingOfProblem);
  return (
    <Card
      title={t('problems.title')}
      level={3}
      aside={
        keeper?.edits && (
          <Button kind="quiet" icon="plus" onPress={() => keeper.open({ what: 'problem', entry: null })}>
            {t('do.addProblem')}
          </Button>
        )
      }
    >
      <Entries
        none={t('problems.none')}
        entries={{
          current: entries.current.map(show),
          past: entries.past.map(show),
          'in-error': entries['in-error'].map(show),
        }}
      />
    </Card>
  );
}

/** A date as people read it; what another system told in words stays as it is. */
export function dateOf(text: string): string {
  return /^\d{4}(-\d{2}){0,2}(T|$)/.test(text) ? formatDate(text) : text;
}
