import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../api/client';
import type { DemoPeopleAnswer, Role, Session } from '../api/messages';
import { Banner, Card, ErrorText, Icon, type IconName, Loading } from '../design';
import { DemoPassword } from './DemoPassword';

const ICONS: Record<Role, IconName> = {
  clinician: 'stethoscope',
  specialist: 'help',
  reporter: 'document',
  'front-desk': 'bell',
  supervisor: 'chart',
  administrator: 'settings',
};

/** People of the demonstration, one press each. Their routes do not exist in `serve`. */
export function DemoPeople({ onSignedIn }: { onSignedIn(session: Session): void }): ReactElement {
  const { t } = useTranslation('account');
  const people = useQuery({ queryKey: ['demo', 'people'], queryFn: () => get<DemoPeopleAnswer>('/demo/people') });
  const signIn = useMutation({
    mutationFn: (key: string) => post<{ session: Session }>('/demo/sign-in', { key }),
    onSuccess: ({ session }) => onSignedIn(session),
  });
  return (
    <Card title={t('demo.heading')}>
      <p className="soft">{t('demo.explain')}</p>
      <DemoPassword />
      {people.isPending && <Loading />}
      {people.isError && <Banner tone="danger">{t('demo.failed')}</Banner>}
      {signIn.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={signIn.error} />
        </Banner>
      )}
      <ul className="people">
        {people.data?.people.map((person) => (
          <li key={person.key}>
            <button
              type="button"
              className="person"
              disabled={signIn.isPending}
              onClick={() => signIn.mutate(person.key)}
            >
              <Icon name={ICONS[person.role]} />
              <span className="person-text">
                <span className="person-name">{person.name}</span>
                <span className="small soft">
                  {t(`demo.role.${person.role}`)} · {person.organization}
                </span>
              </span>
              <Icon name="arrow-right" size={20} />
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
