import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { put } from '../api/client';
import type { Price } from '../api/messages';
import { Checkbox, TextField } from '../design';
import { EditDialog } from './EditDialog';
import { nameIn } from '../i18n';

type Entries = Record<'code' | 'en' | 'zh' | 'minutes' | 'currency' | 'price' | 'cost' | 'reference', string>;
type Faults = Partial<Record<keyof Entries, string>>;

export function PriceDialog({ price, onClose }: { price: Price | null; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [entries, setEntries] = useState<Entries>(() => entriesOf(price));
  const [active, setActive] = useState(price?.active ?? true);
  const [tried, setTried] = useState(false);
  const faults = faultsOf(entries, t);
  const save = useMutation({
    mutationFn: () => put(`/admin/prices/${encodeURIComponent(entries.code)}`, bodyOf(entries, active)),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin', 'prices'] });
      onClose();
    },
  });
  const submit = (): void => {
    setTried(true);
    const [first] = Object.keys(faults);
    if (first) document.getElementById(`price-${first}`)?.focus();
    else save.mutate();
  };
  const bind = (
    id: keyof Entries,
  ): { id: string; value: string; onChange(text: string): void; error: string | undefined } => ({
    id: `price-${id}`,
    value: entries[id],
    onChange: (text) => setEntries((before) => ({ ...before, [id]: text })),
    error: tried ? faults[id] : undefined,
  });
  return (
    <EditDialog
      title={price ? t('prices.editTitle', { name: nameIn(price.name) }) : t('prices.addTitle')}
      onClose={onClose}
      save={save}
      onSubmit={submit}
      width={680}
    >
      <div className="form-grid">
        {!price && <TextField {...bind('code')} label={t('prices.code')} hint={t('prices.codeHint')} />}
        <TextField {...bind('en')} label={t('prices.nameEn')} />
        <TextField {...bind('zh')} label={t('prices.nameZh')} />
        <TextField {...bind('minutes')} label={t('prices.minutes')} inputMode="numeric" width="4" />
        <TextField {...bind('currency')} label={t('prices.currency')} width="4" maxLength={3} />
      </div>
      <TextField {...bind('price')} label={t('prices.price')} hint={t('prices.priceHint')} inputMode="decimal" />
      <TextField {...bind('cost')} label={t('prices.cost')} hint={t('prices.costHint')} inputMode="decimal" />
      <TextField
        {...bind('reference')}
        label={t('prices.reference')}
        hint={t('prices.referenceHint')}
        inputMode="decimal"
      />
      <Checkbox plain isSelected={active} onChange={setActive}>
        {t('prices.active')}
      </Checkbox>
    </EditDialog>
  );
}

function entriesOf(price: Price | null): Entries {
  return {
    code: price?.code ?? '',
    en: price?.name.en ?? '',
    zh: price?.name.zh ?? '',
    minutes: String(price?.minutes ?? 15),
    currency: price?.price.currency ?? 'CNY',
    price: price ? String(price.price.amount) : '',
    cost: price?.cost ? String(price.cost.amount) : '',
    reference: price?.reference_cost ? String(price.reference_cost.amount) : '',
  };
}

function bodyOf(entries: Entries, active: boolean): Omit<Price, 'code'> {
  const currency = entries.currency.trim().toUpperCase();
  const money = (text: string): { amount: number; currency: string } | null =>
    text.trim() === '' ? null : { amount: Number(text), currency };
  return {
    name: { en: entries.en.trim(), zh: entries.zh.trim() },
    price: { amount: Number(entries.price), currency },
    cost: money(entries.cost),
    reference_cost: money(entries.reference),
    minutes: Number(entries.minutes),
    active,
  };
}

const AMOUNT = /^\d{1,9}(\.\d{1,2})?$/;

function faultsOf(entries: Entries, t: (key: string, values?: Record<string, unknown>) => string): Faults {
  const faults: Faults = {};
  const needed = (id: keyof Entries, label: string): void => {
    if (entries[id].trim() === '') faults[id] = t('error.required', { field: label });
  };
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(entries.code)) faults.code = t('prices.bad.code');
  needed('en', t('prices.nameEn'));
  needed('zh', t('prices.nameZh'));
  const minutes = Number(entries.minutes);
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > 240) faults.minutes = t('prices.bad.minutes');
  if (!/^[A-Za-z]{3}$/.test(entries.currency.trim()))
    faults.currency = t('error.required', { field: t('prices.currency') });
  if (!AMOUNT.test(entries.price.trim())) faults.price = t('prices.bad.amount');
  for (const id of ['cost', 'reference'] as const) {
    if (entries[id].trim() !== '' && !AMOUNT.test(entries[id].trim())) faults[id] = t('prices.bad.amount');
  }
  return faults;
}
