import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Participant } from '../api/messages';
import { Button } from '../design/Button';
import { Banner, ErrorText } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { Invited } from './Invited';
import { InviteGuestDialog } from './InviteGuestDialog';
import { Lobby } from './Lobby';
import { PeopleLog } from './PeopleLog';
import { PersonLine } from './PersonLine';
import { usePeople } from './usePeople';
import './people.css';

/** Everybody of the visit: who is in, who waits, who was invited, and for the clinician what can be done about each. */
export function PeoplePanel(): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const { visit, me, as, consult } = useRoom();
  const [inviting, setInviting] = useState(false);
  const act = usePeople();
  const clinician = as === 'account' && !consult;
  const open = visit.state !== 'finished' && visit.state !== 'cancelled';
  const invites = open && (clinician || me?.role === 'patient');
  return (
    <div className="people">
      {act.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={act.error} />
        </Banner>
      )}
      {clinician && <Lobby />}
      <section aria-label={t('in-call')}>
        <h3 className="people-head">{t('in-call')}</h3>
        <ul className="people-list">
          {inOrder(visit.participants).map((person) => (
            <PersonLine key={person.id} person={person} clinician={clinician && open} onAct={(path) => act.mutate(path)} />
          ))}
          {visit.participants.length === 0 && <li className="soft">{t('nobody')}</li>}
        </ul>
      </section>
      <Invited clinician={clinician} />
      {invites && (
        <div className="row">
          <Button icon="plus" onPress={() => setInviting(true)}>
            {t(clinician ? 'invite.button' : 'invite.button-family')}
          </Button>
          {clinician && (
            <Button icon="lock" isPending={act.isPending} onPress={() => act.mutate(visit.locked ? 'unlock' : 'lock')}>
              {t(visit.locked ? 'lock.open' : 'lock.close')}
            </Button>
          )}
        </div>
      )}
      {visit.locked && (
        <p className="soft small" role="status">
          {t('lock.closed')}
        </p>
      )}
      {clinician && <PeopleLog />}
      {inviting && <InviteGuestDialog familyOnly={!clinician} onClose={() => setInviting(false)} />}
    </div>
  );
}

const ORDER = ['patient', 'clinician', 'consultant', 'interpreter', 'family', 'observer'];

/** Those whose visit it is first. */
function inOrder(people: readonly Participant[]): Participant[] {
  return [...people].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}
