import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Banner, Checkbox } from '../../../design';
import { formatDate } from '../../../format';
import { useRoom } from '../../../visit/VisitRoom';
import { useMove } from '../useMove';
import { Confirm } from './Confirm';

type IdentifierKind = 'name' | 'birth_date' | 'identifier' | 'phone';

/** Admission: two identifiers said aloud by the patient and compared, then the call. */
export function AdmitDialog({ onClose }: { onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visit } = useRoom();
  const [confirmed, setConfirmed] = useState<IdentifierKind[]>([]);
  const admit = useMove('admit', onClose);
  const { patient } = visit;
  const known: [IdentifierKind, string | null | undefined][] = [
    ['name', patient.name],
    ['birth_date', formatDate(patient.birth_date)],
    ['identifier', patient.identifiers[0]?.value],
    ['phone', patient.phone],
  ];
  return (
    <Confirm
      title={t('admit.title', { name: patient.name })}
      submit={t('admit.submit')}
      isPending={admit.isPending}
      isDisabled={confirmed.length < 2}
      error={admit.error}
      onSubmit={() => admit.mutate({ identifiers: confirmed })}
      onClose={onClose}
    >
      <p>{t('admit.explain')}</p>
      {!visit.present && <Banner tone="warn">{t('admit.notWaiting')}</Banner>}
      <div className="choices">
        {known.map(([kind, value]) =>
          value ? (
            <Checkbox
              key={kind}
              isSelected={confirmed.includes(kind)}
              onChange={(on) => setConfirmed(on ? [...confirmed, kind] : confirmed.filter((one) => one !== kind))}
            >
              <span className="soft">{t(`admit.${kind}`)}</span> <strong className="numbers">{value}</strong>
            </Checkbox>
          ) : null,
        )}
      </div>
      <p className="soft" role="status">
        {confirmed.length < 2 ? t('admit.needTwo') : t('admit.count', { count: confirmed.length })}
      </p>
    </Confirm>
  );
}
