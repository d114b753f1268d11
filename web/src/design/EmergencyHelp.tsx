import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Icon } from './Icon';

/** Ambulance numbers; the first is offered as the large button. */
export const AMBULANCE = [
  { number: '120', place: 'mainland' },
  { number: '999', place: 'hong-kong' },
  { number: '112', place: 'elsewhere' },
] as const;

/** Always within reach: what to do when it cannot wait. */
export function EmergencyHelp({ compact }: { compact?: boolean }): ReactElement {
  const { t } = useTranslation('shell');
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" icon="phone" iconOnly={compact ?? false} onPress={() => setOpen(true)}>
        {t('emergency.help')}
      </Button>
      <Dialog title={t('emergency.title')} isOpen={open} onClose={() => setOpen(false)}>
        <p>{t('emergency.text')}</p>
        <AmbulanceNumbers />
      </Dialog>
    </>
  );
}

/** The numbers as large links that dial. */
export function AmbulanceNumbers(): ReactElement {
  const { t } = useTranslation('shell');
  return (
    <ul className="choices" style={{ listStyle: 'none' }}>
      {AMBULANCE.map(({ number, place }, index) => (
        <li key={number}>
          <a className="button dial" data-kind={index === 0 ? 'danger' : 'secondary'} data-wide="" href={`tel:${number}`}>
            <Icon name="phone" size={20} />
            <span>{t('emergency.call', { number })}</span>
            <span className="small">{t(`emergency.${place}`)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
