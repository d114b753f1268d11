import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PatientSummary } from '../../api/messages';
import { Button, Card } from '../../design';
import { BookDialog, type BookingKind } from '../booking/BookDialog';
import { PatientLine } from '../booking/PatientSearch';

/** A patient at the front desk: who they are, and a visit for them. There is no chart behind it. */
export function FoundPatient({ patient, onClose }: { patient: PatientSummary; onClose(): void }): ReactElement {
  const { t } = useTranslation('workspace');
  const [booking, setBooking] = useState<BookingKind | null>(null);
  return (
    <Card title={patient.name}>
      <div className="picked-patient">
        <PatientLine patient={patient} />
        <Button kind="quiet" onPress={onClose}>
          {t('book.change')}
        </Button>
      </div>
      <div className="row">
        <Button kind="primary" icon="calendar" onPress={() => setBooking('booked')}>
          {t('day.book')}
        </Button>
        <Button icon="plus" onPress={() => setBooking('walk-in')}>
          {t('day.walkIn')}
        </Button>
      </div>
      {booking && <BookDialog kind={booking} patient={patient} onClose={() => setBooking(null)} />}
    </Card>
  );
}
