import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '../design/surfaces';
import { ObserverQuestion } from './ObserverQuestion';
import { PeoplePanel } from './PeoplePanel';

/** On the patient's page before the call: who will be there, and whom the patient brings. */
export default function PeopleCard(): ReactElement | null {
  const { t } = useTranslation('people');
  return (
    <>
      <ObserverQuestion />
      <Card title={t('title')}>
        <p className="soft">{t('card')}</p>
        <PeoplePanel />
      </Card>
    </>
  );
}
