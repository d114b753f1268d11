import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { del, post } from '../api/client';
import type { Guest } from '../api/messages';
import { type Action, MenuButton } from '../design/MenuButton';
import { ErrorText, StatusPill, type Tone } from '../design/surfaces';
import { useRoom } from '../visit/VisitRoom';
import { GuestLinkDialog } from './GuestLinkDialog';
import { usePeople } from './usePeople';

const TONE: Record<Guest['state'], Tone> = {
  invited: 'info',
  waiting: 'warn',
  admitted: 'ok',
  'turned-away': 'neutral',
  removed: 'neutral',
  'taken-back': 'neutral',
};

/** Who was invited, with the link that can be made anew or taken back; for the patient, the observers as well. */
export function Invited({ clinician }: { clinician: boolean }): ReactElement | null {
  const { t } = useTranslation('people');
  const { visit } = useRoom();
  const guests = (visit.guests ?? []).filter((guest) => (clinician ? guest.state !== 'waiting' && guest.state !== 'admitted' : isForThePatient(guest)));
  if (guests.length === 0) return null;
  return (
    <section aria-label={t('invited')}>
      <h3 className="people-head">{t('invited')}</h3>
      <ul className="people-list">
        {guests.map((guest) => (
          <InvitedLine key={guest.id} guest={guest} clinician={clinician} />
        ))}
      </ul>
    </section>
  );
}

/** Those who are in stand above already, but for an observer, whom the patient may send away. */
function isForThePatient({ state, role }: Guest): boolean {
  return state !== 'taken-back' && (state !== 'admitted' || role === 'observer');
}

function InvitedLine({ guest, clinician }: { guest: Guest; clinician: boolean }): ReactElement {
  const { t } = useTranslation(['people', 'errors']);
  const { visit, visitId, as } = useRoom();
  const [link, setLink] = useState<string | null>(null);
  const act = usePeople();
  const path = `/visits/${encodeURIComponent(visitId)}/guests/${encodeURIComponent(guest.id)}`;
  const renew = useMutation({
    mutationFn: () => post<{ url: string }>(`${path}/link`, undefined, { as }),
    onSuccess: ({ url }) => setLink(url),
  });
  const takeBack = useMutation({ mutationFn: () => del(path, { as }) });
  const open = visit.state !== 'finished' && visit.state !== 'cancelled';
  const stands = guest.state === 'invited' || guest.state === 'waiting' || guest.state === 'admitted';
  const actions: Action[] = [];
  if (open && (clinician || (guest.by_patient && stands))) {
    actions.push({ id: 'link', label: t('do.link'), icon: 'link', run: () => renew.mutate() });
    if (stands) actions.push({ id: 'take-back', label: t('do.take-back'), icon: 'close', danger: true, run: () => takeBack.mutate() });
  }
  if (open && !clinician && guest.role === 'observer' && stands) {
    const word = guest.allowed ? 'refuse' : 'allow';
    actions.push({ id: word, label: t(`do.${word}`), icon: 'eye', danger: guest.allowed === true, run: () => act.mutate(`guests/${encodeURIComponent(guest.id)}/${word}`) });
  }
  const failed = renew.error ?? takeBack.error ?? act.error;
  return (
    <li className="person">
      <div className="person-text">
        <p className="person-name">{guest.name}</p>
        <p className="soft small">{t(`role.${guest.role}`)}</p>
        {failed && (
          <p className="small field-error">
            <ErrorText error={failed} />
          </p>
        )}
      </div>
      <StatusPill tone={TONE[guest.state]}>{t(`state.${guest.state}`)}</StatusPill>
      {actions.length > 0 && <MenuButton label={t('do.more', { name: guest.name })} actions={actions} iconOnly />}
      {link && <GuestLinkDialog name={guest.name} url={link} onClose={() => setLink(null)} />}
    </li>
  );
}
