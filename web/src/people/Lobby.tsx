import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Guest } from '../api/messages';
import { Button } from '../design/Button';
import { Icon } from '../design/Icon';
import { ErrorText } from '../design/surfaces';
import { formatTime } from '../shell/when';
import { useRoom } from '../visit/VisitRoom';
import { usePeople } from './usePeople';
import './people.css';

/** Who asks to be let in, each for themselves. */
export function Lobby(): ReactElement | null {
  const { t } = useTranslation(['people', 'errors']);
  const { visit } = useRoom();
  const waiting = (visit.guests ?? []).filter((guest) => guest.state === 'waiting');
  if (waiting.length === 0) return null;
  return (
    <section className="lobby" aria-label={t('lobby.title')}>
      <h3 className="people-head">
        <Icon name="bell" size={18} />
        <span role="status">{t('lobby.waiting', { count: waiting.length })}</span>
      </h3>
      <ul className="people-list">
        {waiting.map((guest) => (
          <Waiting key={guest.id} guest={guest} />
        ))}
      </ul>
    </section>
  );
}

function Waiting({ guest }: { guest: Guest }): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const decide = usePeople();
  const path = `guests/${encodeURIComponent(guest.id)}`;
  const mayEnter = guest.role !== 'observer' || guest.allowed === true;
  return (
    <li className="person" data-waiting>
      <div className="person-text">
        <p className="person-name">{guest.name}</p>
        <p className="soft small">
          {t(`role.${guest.role}`)} · <span className="numbers">{t('lobby.since', { time: formatTime(guest.since) })}</span>
          {!guest.present && <> · {t('lobby.away')}</>}
        </p>
        {!mayEnter && <p className="small person-channel">{t(guest.allowed === false ? 'lobby.refused' : 'lobby.asked')}</p>}
        {decide.isError && (
          <p className="small field-error">
            <ErrorText error={decide.error} />
          </p>
        )}
        <div className="row person-decide">
          <Button kind="primary" icon="check" isDisabled={!mayEnter} isPending={decide.isPending} onPress={() => decide.mutate(`${path}/admit`)} aria-label={t('lobby.admit-name', { name: guest.name })}>
            {t('lobby.admit')}
          </Button>
          <Button kind="quiet" onPress={() => decide.mutate(`${path}/turn-away`)} aria-label={t('lobby.turn-away-name', { name: guest.name })}>
            {t('lobby.turn-away')}
          </Button>
        </div>
      </div>
    </li>
  );
}
