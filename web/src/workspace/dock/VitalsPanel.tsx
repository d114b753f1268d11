import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, post } from '../../api/client';
import type { Vital } from '../../api/messages';
import { Banner, Button, ErrorText, Select, TextField } from '../../design';
import { formatNumber, formatTime } from '../../format';
import { nameIn } from '../../i18n';
import { useRoom } from '../../visit/VisitRoom';
import { Value } from '../chart/Value';
import { VITAL_KINDS, readVital } from './vitalKinds';

/** Measured beside the call, by whoever holds the thermometer. */
export function VitalsPanel({ readOnly }: { readOnly?: boolean }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, as } = useRoom();
  const path = `/visits/${encodeURIComponent(visitId)}/vitals`;
  const vitals = useQuery({
    queryKey: ['vitals', visitId],
    queryFn: async () => (await get<{ vitals: Vital[] }>(path, { as })).vitals,
    refetchInterval: 15_000,
  });
  return (
    <div className="vitals">
      {!readOnly && <VitalForm path={path} />}
      {vitals.data?.length === 0 && <p className="soft">{t('vitals.none')}</p>}
      {vitals.data && vitals.data.length > 0 && (
        <ul className="entries" aria-label={t('vitals.heading')}>
          {[...vitals.data].reverse().map((vital) => (
            <li key={vital.id}>
              <div className="entry-text">
                {nameIn(vital.text)}
                <div className="small soft numbers">
                  {formatTime(vital.at)} · {vital.by}
                </div>
              </div>
              <Value shown={shownOf(vital)} unit={vital.unit} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function VitalForm({ path }: { path: string }): ReactElement {
  const { t } = useTranslation('workspace');
  const { visitId, as } = useRoom();
  const queries = useQueryClient();
  const [code, setCode] = useState('85354-9');
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [fault, setFault] = useState<'first' | 'second' | 'order' | null>(null);
  const kind = VITAL_KINDS.find((one) => one.code === code) ?? VITAL_KINDS[0];
  const add = useMutation({
    mutationFn: (body: { code: string; value: number; value2?: number }) =>
      post<{ vitals: Vital[] }>(path, body, { as }),
    onSuccess: ({ vitals }) => {
      queries.setQueryData(['vitals', visitId], vitals);
      setFirst('');
      setSecond('');
    },
  });
  if (!kind) return <></>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const reading = readVital(kind, first, second);
    setFault(reading.ok ? null : reading.fault);
    if (!reading.ok) return;
    const { value, value2 } = reading;
    add.mutate({ code, value, ...(value2 !== undefined && { value2 }) });
  };
  const bad = (range: { from: number; to: number }): string =>
    t('vitals.bad', { from: formatNumber(range.from, 1), to: formatNumber(range.to, 1) });
  return (
    <form className="vital-form" onSubmit={submit} noValidate>
      <Select
        label={t('vitals.code')}
        options={VITAL_KINDS.map((one) => ({ id: one.code, label: t(`vitals.code_.${one.code}`), hint: one.unit }))}
        value={code}
        onChange={(next) => (setCode(next), setFault(null))}
      />
      <div className="vital-values">
        <TextField
          label={t('vitals.withUnit', {
            name: kind.second ? t('vitals.systolic') : t('vitals.value'),
            unit: kind.unit,
          })}
          value={first}
          onChange={setFirst}
          inputMode="decimal"
          autoComplete="off"
          error={fault === 'first' ? bad(kind) : fault === 'order' ? t('vitals.order') : undefined}
        />
        {kind.second && (
          <TextField
            label={t('vitals.withUnit', { name: t('vitals.diastolic'), unit: kind.unit })}
            value={second}
            onChange={setSecond}
            inputMode="decimal"
            autoComplete="off"
            error={fault === 'second' ? bad(kind.second) : undefined}
          />
        )}
        <Button type="submit" kind="secondary" icon="plus" isPending={add.isPending}>
          {t('vitals.add')}
        </Button>
      </div>
      {add.isError && (
        <Banner tone="danger" live="alert">
          <ErrorText error={add.error} />
        </Banner>
      )}
    </form>
  );
}

function shownOf(vital: Vital): string {
  const first = formatNumber(vital.value, 2);
  return vital.value2 === null || vital.value2 === undefined ? first : `${first}/${formatNumber(vital.value2, 2)}`;
}
