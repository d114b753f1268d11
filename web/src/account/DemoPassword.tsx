import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../api/client';
import { useSession } from '../api/session';
import type { DemoPeopleAnswer } from '../api/messages';

/** In the demonstration only: the password that its people sign with. */
export function DemoPassword(): ReactElement | null {
  const { t } = useTranslation('account');
  const demo = useSession().data?.demo ?? false;
  const people = useQuery({
    queryKey: ['demo', 'people'],
    queryFn: () => get<DemoPeopleAnswer>('/demo/people'),
    enabled: demo,
  });
  const password = people.data?.password;
  if (!demo || !password) return null;
  return (
    <p className="soft small">
      {t('demo.password')} <code data-demo-password>{password}</code>
    </p>
  );
}
