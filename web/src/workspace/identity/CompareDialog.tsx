import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '../../api/client';
import { Banner, Button, Dialog, ErrorText, RadioGroup, TextField } from '../../design';
import { formatDate, formatDayTime } from '../../format';
import type { IdentityPair, IdentityPart, IdentitySide } from './messages';

interface Props {
  pair: IdentityPair;
  onClose(): void;
  onDone(words: string): void;
}

/** Two records side by side; they become one, or it is kept that they are two people's. */
export function CompareDialog({ pair, onClose, onDone }: Props): ReactElement {
  const { t } = useTranslation('identity');
  const [survivor, setSurvivor] = useState<'one' | 'other' | null>(null);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const { merge, different } = useDecisions(pair, (words) => (onDone(words), onClose()));
  const decide = (): void => {
    setTried(true);
    if (!survivor || !reason.trim()) return;
    const [stays, goes] = survivor === 'one' ? [pair.one, pair.other] : [pair.other, pair.one];
    merge.mutate({ goes, stays, reason: reason.trim() });
  };
  const goes = survivor === 'one' ? pair.other : survivor === 'other' ? pair.one : null;
  const error = merge.error ?? different.error;
  return (
    <Dialog
      title={t('compareTitle')}
      isOpen
      onClose={onClose}
      width={880}
      actions={
        <>
          <Button isPending={different.isPending} onPress={() => different.mutate()}>
            {t('different')}
          </Button>
          <Button kind="primary" isPending={merge.isPending} onPress={decide}>
            {t('merge')}
          </Button>
        </>
      }
    >
      {error ? (
        <Banner tone="danger" live="alert">
          <ErrorText error={error} />
        </Banner>
      ) : null}
      <SideBySide pair={pair} />
      <RadioGroup
        label={t('survivor')}
        hint={t('survivorHint')}
        error={tried && !survivor ? t('survivorMissing') : null}
        value={survivor}
        onChange={setSurvivor}
        options={(['one', 'other'] as const).map((id) => ({ id, label: choice(pair[id]), hint: t('updated', { when: formatDayTime(pair[id].updated_at) }) }))}
      />
      {goes && goes.open_visits > 0 && (
        <Banner tone="warn">{t('openVisits', { count: goes.open_visits, name: goes.name })}</Banner>
      )}
      <TextField
        label={t('reason')}
        hint={t('reasonHint')}
        error={tried && !reason.trim() ? t('reasonMissing') : null}
        value={reason}
        onChange={setReason}
        maxLength={500}
        multiline
        rows={2}
      />
      <p className="soft small">{t('canBeUndone')}</p>
    </Dialog>
  );
}

function choice(side: IdentitySide): string {
  return [side.name, side.birth_date && formatDate(side.birth_date), side.identifiers[0]?.value].filter(Boolean).join(' · ');
}

function useDecisions(pair: IdentityPair, done: (words: string) => void) {
  const { t } = useTranslation('identity');
  const queries = useQueryClient();
  const after = (words: string): void => {
    void queries.invalidateQueries({ queryKey: ['identity'] });
    done(words);
  };
  const merge = useMutation({
    mutationFn: ({ goes, stays, reason }: { goes: IdentitySide; stays: IdentitySide; reason: string }) =>
      post(`/patients/${encodeURIComponent(goes.id)}/merge`, { into: stays.id, reason }),
    onSuccess: (_, { stays }) => after(t('merged', { name: stays.name })),
  });
  const different = useMutation({
    mutationFn: () => post(`/patients/pairs/${encodeURIComponent(pair.id)}/different`),
    onSuccess: () => after(t('keptApart', { one: pair.one.name, other: pair.other.name })),
  });
  return { merge, different };
}

/** Every part of both records in one line, with whether they agree as a word. */
function SideBySide({ pair }: { pair: IdentityPair }): ReactElement {
  const { t } = useTranslation('identity');
  const { t: words } = useTranslation('workspace');
  const lines: [IdentityPart | 'institution', (side: IdentitySide) => ReactNode][] = [
    ['name', (side) => side.name],
    ['birth_date', (side) => side.birth_date && formatDate(side.birth_date)],
    ['sex', (side) => words(`sex.${side.sex}`)],
    ['identifier', (side) => <List items={side.identifiers.map(({ authority, system, value }) => `${value} (${authority || system})`)} />],
    ['contact', (side) => <List items={side.contacts} />],
    ['postal_code', (side) => <List items={side.addresses} />],
    ['institution', (side) => side.organization.name],
  ];
  return (
    <div className="identity-compare" role="table" aria-label={t('compareTitle')}>
      {lines.map(([part, shown]) => {
        const agreement = pair.parts.find((one) => one.part === part)?.agreement ?? 'unknown';
        return (
          <div role="row" className="identity-row" data-agreement={agreement} key={part}>
            <div role="rowheader" className="identity-part">
              <span className="identity-name">{t(`part.${part}`)}</span>
              {agreement !== 'unknown' && <span className="identity-word">{t(`word.${agreement}`)}</span>}
            </div>
            <div role="cell">{shown(pair.one) || '–'}</div>
            <div role="cell">{shown(pair.other) || '–'}</div>
          </div>
        );
      })}
    </div>
  );
}

function List({ items }: { items: string[] }): ReactElement {
  if (items.length === 0) return <>–</>;
  return (
    <>
      {items.map((item) => (
        <span className="identity-item" key={item}>
          {item}
        </span>
      ))}
    </>
  );
}
