import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { StatusPill } from '../../design';
import { certaintyOf } from './standing';
import { useWord } from './words';

/** What is uncertain, refuted or entered in error says so in words. */
export function Certainty({ verification }: { verification: string | null }): ReactElement | null {
  const { t } = useTranslation('record');
  const word = useWord();
  if (verification === 'entered-in-error') return <StatusPill icon="close">{t('verification.entered-in-error')}</StatusPill>;
  const certainty = certaintyOf(verification);
  if (!certainty) return null;
  return (
    <StatusPill tone={certainty === 'uncertain' ? 'warn' : 'neutral'} icon={certainty === 'uncertain' ? 'help' : 'close'}>
      {word('verification', verification)}
    </StatusPill>
  );
}
