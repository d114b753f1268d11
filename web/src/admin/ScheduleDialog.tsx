import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { put } from '../api/client';
import type { Schedule, WeeklyHours } from '../api/messages';
import { Button, Checkbox, Icon, Select, TextField } from '../design';
import { EditDialog } from './EditDialog';
import { DAYS, type Day, faultsOfHours, isZone, mondayToFriday, nextSpan, slotsPerWeek } from './weeklyHours';

const LENGTHS = ['5', '10', '15', '20', '30', '45', '60'];

export function ScheduleDialog({ schedule, onClose }: { schedule: Schedule; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const queries = useQueryClient();
  const [weekly, setWeekly] = useState(schedule.weekly);
  const [minutes, setMinutes] = useState(schedule.slot_minutes);
  const [zone, setZone] = useState(schedule.zone);
  const [active, setActive] = useState(schedule.active);
  const faults = faultsOfHours(weekly);
  const valid = faults.every((fault) => fault === null) && isZone(zone);
  const save = useMutation({
    mutationFn: () =>
      put(`/admin/schedules/${encodeURIComponent(schedule.practitioner.id)}`, {
        weekly,
        slot_minutes: minutes,
        zone,
        active,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['admin', 'schedules'] });
      onClose();
    },
  });
  return (
    <EditDialog
      title={t('schedules.editTitle', { name: schedule.practitioner.name })}
      onClose={onClose}
      save={save}
      onSubmit={() => save.mutate()}
      width={640}
      isDisabled={!valid}
    >
      <Checkbox plain isSelected={active} onChange={setActive}>
        {t('schedules.active')}
      </Checkbox>
      <div className="form-grid">
        <Select
          label={t('schedules.minutes')}
          options={[...new Set([...LENGTHS, String(schedule.slot_minutes)])].map((id) => ({ id, label: id }))}
          value={String(minutes)}
          onChange={(value) => setMinutes(Number(value))}
        />
        <TextField
          label={t('schedules.zone')}
          hint={t('schedules.zoneHint')}
          value={zone}
          onChange={setZone}
          error={isZone(zone) ? undefined : t('schedules.bad.zone')}
        />
      </div>
      <Hours weekly={weekly} faults={faults} onChange={setWeekly} />
      <div className="row" style={{ justifyContent: 'space-between' }}>
        <Button kind="quiet" icon="copy" onPress={() => setWeekly(mondayToFriday(weekly))}>
          {t('schedules.copyDown')}
        </Button>
        <span className="soft numbers" role="status">
          {t('schedules.perWeek', { count: slotsPerWeek(weekly, minutes) })}
        </span>
      </div>
    </EditDialog>
  );
}

interface HoursProps {
  weekly: WeeklyHours[];
  faults: ReturnType<typeof faultsOfHours>;
  onChange(weekly: WeeklyHours[]): void;
}

function Hours({ weekly, faults, onChange }: HoursProps): ReactElement {
  const { t } = useTranslation('admin');
  const change = (index: number, part: Partial<WeeklyHours>): void =>
    onChange(weekly.map((span, at) => (at === index ? { ...span, ...part } : span)));
  return (
    <div className="hours">
      {DAYS.map((day) => (
        <fieldset className="hours-day" key={day} aria-label={t(`schedules.day.${day}`)}>
          <span className="hours-name">{t(`schedules.day.${day}`)}</span>
          <div className="hours-spans">
            {!weekly.some((span) => span.day === day) && <span className="hours-off">{t('schedules.off')}</span>}
            {weekly.map((span, index) =>
              span.day === day ? (
                <Span
                  key={index}
                  span={span}
                  fault={faults[index] ?? null}
                  onChange={(part) => change(index, part)}
                  onRemove={() => onChange(weekly.filter((_, at) => at !== index))}
                />
              ) : null,
            )}
          </div>
          <AddHours day={day} onPress={() => onChange([...weekly, nextSpan(weekly, day)])} />
        </fieldset>
      ))}
    </div>
  );
}

function AddHours({ day, onPress }: { day: Day; onPress(): void }): ReactElement {
  const { t } = useTranslation('admin');
  return (
    <Button kind="quiet" icon="plus" iconOnly onPress={onPress}>
      {t('schedules.addHours', { day: t(`schedules.day.${day}`) })}
    </Button>
  );
}

interface SpanProps {
  span: WeeklyHours;
  fault: 'time' | 'order' | 'overlap' | null;
  onChange(part: Partial<WeeklyHours>): void;
  onRemove(): void;
}

function Span({ span, fault, onChange, onRemove }: SpanProps): ReactElement {
  const { t } = useTranslation('admin');
  const { from, to } = span;
  return (
    <div className="hours-span">
      <TextField
        label={t('schedules.from')}
        value={from}
        onChange={(value) => onChange({ from: value })}
        inputMode="numeric"
        maxLength={5}
      />
      <span aria-hidden="true">–</span>
      <TextField
        label={t('schedules.to')}
        value={to}
        onChange={(value) => onChange({ to: value })}
        inputMode="numeric"
        maxLength={5}
      />
      <Button kind="quiet" icon="trash" iconOnly onPress={onRemove}>
        {t('schedules.removeHours', { from, to, day: t(`schedules.day.${span.day}`) })}
      </Button>
      {fault && (
        <span className="field-error" role="alert">
          <Icon name="alert" size={18} />
          {t(`schedules.bad.${fault}`)}
        </span>
      )}
    </div>
  );
}
