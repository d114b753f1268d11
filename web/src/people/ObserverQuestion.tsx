import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../design/Button';
import { Banner, ErrorText } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { usePeople } from './usePeople';

/** Asks the patient whether somebody may look on. Until they say yes nobody does. */
export function ObserverQuestion(): ReactElement | null {
  const { t } = useTranslation(['people', 'errors']);
  const { visit, me } = useRoom();
  const decide = usePeople();
  const asking = (visit.guests ?? []).find((guest) => guest.role === 'observer' && guest.allowed === null && standing(guest.state));
  if (me?.role !== 'patient' || !asking) return null;
  return (
    <Banner
      tone="info"
      icon="eye"
      live="status"
      title={t('observer.ask', { name: asking.name })}
      actions={
        <>
          <Button isPending={decide.isPending} onPress={() => decide.mutate(`guests/${asking.id}/refuse`)}>
            {t('observer.no')}
          </Button>
          <Button kind="primary" isPending={decide.isPending} onPress={() => decide.mutate(`guests/${asking.id}/allow`)}>
            {t('observer.yes')}
          </Button>
        </>
      }
    >
      {t('observer.ask-text')}
      {decide.isError && <ErrorText error={decide.error} />}
    </Banner>
  );
}

function standing(state: string): boolean {
  return state === 'invited' || state === 'waiting' || state === 'admitted';
}
