import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, StatusPill } from '../../design';
import { formatDate } from '../../format';
import type { IdentityPair, IdentitySide } from './messages';

/** Two records in the list: who they are, why they are here, in what they agree and differ. */
export function PairCard({ pair, onCompare }: { pair: IdentityPair; onCompare(): void }): ReactElement {
  const { t } = useTranslation('identity');
  return (
    <article className="card identity-pair" aria-label={t('pair', { one: pair.one.name, other: pair.other.name })}>
      <div className="identity-pair-head">
        <h3>{t('pair', { one: pair.one.name, other: pair.other.name })}</h3>
        <StatusPill tone={pair.why === 'duplicate' ? 'info' : 'warn'}>{t(`why.${pair.why}`)}</StatusPill>
      </div>
      <p>{t(`because.${pair.why}`)}</p>
      <div className="identity-sides">
        <Line side={pair.one} />
        <Line side={pair.other} />
      </div>
      <Agreements pair={pair} />
      <div className="row">
        <Button icon="swap" onPress={onCompare}>
          {t('compare')}
        </Button>
      </div>
    </article>
  );
}

function Line({ side }: { side: IdentitySide }): ReactElement {
  return (
    <p className="soft numbers">
      <strong>{side.name}</strong>
      <br />
      {[side.birth_date && formatDate(side.birth_date), side.identifiers[0]?.value, side.phone].filter(Boolean).join(' · ')}
    </p>
  );
}

const KINDS = ['same', 'partly', 'different'] as const;

/** In what two records agree and differ, in words. */
export function Agreements({ pair }: { pair: IdentityPair }): ReactElement {
  const { t, i18n } = useTranslation('identity');
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  return (
    <ul className="identity-agreements">
      {KINDS.map((kind) => {
        const parts = pair.parts.filter(({ agreement }) => agreement === kind);
        if (parts.length === 0) return null;
        const named = list.format(parts.map(({ part }) => t(`part.${part}`)));
        return <li key={kind}>{t(`agreement.${kind}`, { parts: named })}</li>;
      })}
    </ul>
  );
}
