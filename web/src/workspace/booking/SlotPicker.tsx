import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import { Label } from 'react-aria-components/Label';
import { get } from '../../api/client';
import type { Slot } from '../../api/messages';
import { Failure, Icon, Loading } from '../../design';
import { formatTime, localZone } from '../../format';

export interface SlotPickerProps {
  practitioner: string;
  /** `YYYY-MM-DD` where the reader is. */
  day: string;
  value: string | null;
  onChange(start: string): void;
  error?: string | undefined;
}

/** The day's times of one clinician; those taken are shown, so that a full morning is seen as one. */
export function SlotPicker({ practitioner, day, value, onChange, error }: SlotPickerProps): ReactElement {
  const { t } = useTranslation('workspace');
  const slots = useQuery({
    queryKey: ['slots', practitioner, day],
    queryFn: () => readSlots(practitioner, day),
    staleTime: 0,
  });
  if (slots.isPending) return <Loading />;
  if (slots.isError) return <Failure error={slots.error} onRetry={() => void slots.refetch()} />;
  const open = slots.data.filter((slot) => Date.parse(slot.end) > Date.now());
  if (!open.some((slot) => slot.free)) return <p role="status">{t('book.noSlots')}</p>;
  return (
    <RadioGroup className="field" value={value} onChange={onChange} isInvalid={!!error} validationBehavior="aria">
      <Label className="field-label">{t('book.slots')}</Label>
      <span className="field-hint">{t('book.slotsHint', { zone: localZone() })}</span>
      {error && (
        <span className="field-error" role="alert">
          <Icon name="alert" size={18} />
          {error}
        </span>
      )}
      {partsOf(open).map((part) => (
        <div key={part.name} className="slot-part">
          <span className="slot-part-name">{t(`book.${part.name}`)}</span>
          <div className="slots">
            {part.slots.map((slot) => (
              <Radio key={slot.start} value={slot.start} isDisabled={!slot.free} className="slot numbers">
                {formatTime(slot.start)}
                {!slot.free && <span className="hidden-text">{t('book.slotTaken', { time: '' })}</span>}
              </Radio>
            ))}
          </div>
        </div>
      ))}
    </RadioGroup>
  );
}

async function readSlots(practitioner: string, day: string): Promise<Slot[]> {
  const from = new Date(`${day}T00:00`);
  const to = new Date(`${day}T24:00`);
  const query = new URLSearchParams({ practitioner, from: from.toISOString(), to: to.toISOString() });
  return (await get<{ slots: Slot[] }>(`/slots?${query}`)).slots;
}

function partsOf(slots: Slot[]): { name: 'morning' | 'afternoon' | 'evening'; slots: Slot[] }[] {
  const partOf = (slot: Slot): 'morning' | 'afternoon' | 'evening' => {
    const hour = new Date(slot.start).getHours();
    return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
  };
  return (['morning', 'afternoon', 'evening'] as const)
    .map((name) => ({ name, slots: slots.filter((slot) => partOf(slot) === name) }))
    .filter((part) => part.slots.length > 0);
}
