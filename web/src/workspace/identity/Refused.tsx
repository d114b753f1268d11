import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/client';
import { Banner, Button, ErrorText, StatusPill } from '../../design';
import { formatDate, formatDayTime } from '../../format';
import type { RefusedIdentifier } from './messages';

/** Somebody was to be taken in with an identifier that is another's. */
export function Refused({ refused, onDone }: { refused: RefusedIdentifier; onDone(words: string): void }): ReactElement {
  const { t } = useTranslation('identity');
  const queries = useQueryClient();
  const settle = useMutation({
    mutationFn: () => post(`/patients/refusals/${encodeURIComponent(refused.id)}/settle`),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['identity'] });
      onDone(t('refused.done'));
    },
  });
  const { identifier, patient } = refused;
  return (
    <article className="card identity-pair" aria-label={t('refused.title', { name: refused.name })}>
      <div className="identity-pair-head">
        <h3>{t('refused.title', { name: refused.name })}</h3>
        <StatusPill tone="warn">{t('why.conflict')}</StatusPill>
      </div>
      <p>
        {t('refused.because', {
          name: refused.name,
          born: formatDate(refused.birth_date),
          value: identifier.value,
          authority: identifier.authority || identifier.system,
          other: patient.name,
          otherBorn: patient.birth_date ? formatDate(patient.birth_date) : '–',
        })}
      </p>
      <p className="soft small numbers">{formatDayTime(refused.at)}</p>
      {settle.error ? (
        <Banner tone="danger" live="alert">
          <ErrorText error={settle.error} />
        </Banner>
      ) : null}
      <div className="row">
        <Button isPending={settle.isPending} onPress={() => settle.mutate()}>
          {t('refused.settle')}
        </Button>
      </div>
    </article>
  );
}
