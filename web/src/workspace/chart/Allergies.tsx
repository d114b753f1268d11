import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AllergyEntry, Chart } from '../../api/chart';
import { post } from '../../api/client';
import { Banner, Button, Card, ErrorText, Icon, StatusPill } from '../../design';
import { formatDate } from '../../format';
import { Entries, type Shown } from './Entries';
import { type Keeper, useKeeper } from './Keeping';
import { Certainty } from './Certainty';
import { allergiesOf, byStanding, standingOfAllergy } from './standing';
import { useWord } from './words';

/** What can harm first; and whether "none" means that somebody asked. */
export function Allergies({ chart }: { chart: Chart }): ReactElement {
  const { t } = useTranslation('record');
  const keeper = useKeeper();
  const show = useShown(keeper);
  const { state, contradicted } = allergiesOf(chart);
  const entries = byStanding(chart.allergies, standingOfAllergy);
  const order = (one: AllergyEntry): number => (one.criticality === 'high' ? 0 : 1);
  const current = [...entries.current].sort((a, b) => order(a) - order(b));
  return (
    <Card
      title={t('allergies.title')}
      level={3}
      aside={
        keeper?.edits && (
          <Button kind="quiet" icon="plus" onPress={() => keeper.open({ what: 'allergy', entry: null })}>
            {t('do.addAllergy')}
          </Button>
        )
      }
    >
      {contradicted && <Banner tone="warn">{t('allergies.contradicted')}</Banner>}
      <Entries
        none={<NotAsked keeper={keeper} past={entries.past.length > 0} />}
        entries={{
          current: current.map(show),
          past: entries.past.map(show),
          'in-error': entries['in-error'].map(show),
        }}
      />
      {state === 'none-known' && <p className="small soft">{t('allergies.askAgain')}</p>}
    </Card>
  );
}

function NotAsked({ keeper, past }: { keeper: Keeper | null; past: boolean }): ReactElement {
  const { t } = useTranslation('record');
  const queries = useQueryClient();
  const patientId = keeper?.chart.patient.id ?? '';
  const none = useMutation({
    mutationFn: () => post(`/patients/${encodeURIComponent(patientId)}/allergies/none-known`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['chart'] }),
  });
  return (
    <span className="stack">
      <span className="warn-text">
        <Icon name="help" size={16} /> {t(past ? 'allergies.noneStands' : 'allergies.notAsked')}
      </span>
      {none.isError && (
        <span className="danger-text" role="alert">
          <ErrorText error={none.error} />
        </span>
      )}
      {keeper?.edits && (
        <span className="row">
          <Button icon="check" isPending={none.isPending} onPress={() => none.mutate()}>
            {t('do.noneKnown')}
          </Button>
        </span>
      )}
    </span>
  );
}

function useShown(keeper: Keeper | null): (allergy: AllergyEntry) => Shown {
  const { t } = useTranslation('record');
  const word = useWord();
  return (allergy) => {
    const stands = standingOfAllergy(allergy) === 'current' && !allergy.none_known;
    const reactions = allergy.reactions.map(({ text, severity }) =>
      [text, word('severity', severity)].filter(Boolean).join(', '),
    );
    return {
      id: allergy.id,
      name: allergy.text,
      resource: 'AllergyIntolerance',
      main: stands ? (
        <strong className="danger-text">
          <Icon name="alert" size={16} /> {allergy.text}
        </strong>
      ) : (
        <span>{allergy.none_known ? t('allergies.noneKnown') : allergy.text}</span>
      ),
      pills: (
        <>
          {stands && allergy.criticality === 'high' && <StatusPill tone="danger">{t('criticality.high')}</StatusPill>}
          <Certainty verification={allergy.verification} />
          {allergy.clinical !== 'active' && allergy.verification !== 'refuted' && allergy.clinical && (
            <StatusPill>{word('clinical', allergy.clinical)}</StatusPill>
          )}
        </>
      ),
      details: [
        reactions.filter(Boolean).join(' · '),
        [allergy.category.map((one) => word('category', one)).join(', '), allergy.recorded_at && t('recorded', { date: formatDate(allergy.recorded_at) }), allergy.recorder]
          .filter(Boolean)
          .join(' · '),
        allergy.note,
      ],
      onChange: allergy.none_known ? undefined : () => keeper?.open({ what: 'allergy', entry: allergy }),
    };
  };
}
