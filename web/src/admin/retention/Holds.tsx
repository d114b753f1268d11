import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import { Banner, Button, Card, Empty, Failure, Loading } from '../../design';
import { type Column, DataTable } from '../../design/DataTable';
import { formatDayTime } from '../../format';
import { HoldDialog } from './HoldDialog';
import { IdentifyPatient } from './IdentifyPatient';
import { HOLDS_KEY, type Hold, type Identified } from './retention';

type Step = { step: 'identify' } | { step: 'place'; patient: Identified } | { step: 'lift'; hold: Hold };

/** Records that are kept whatever their age: who said so, when and why. */
export function Holds(): ReactElement {
  const { t } = useTranslation('admin');
  const [doing, setDoing] = useState<Step | null>(null);
  const [already, setAlready] = useState(false);
  const holds = useQuery({
    queryKey: HOLDS_KEY,
    queryFn: async () => (await get<{ holds: Hold[] }>('/admin/holds')).holds,
    refetchOnWindowFocus: false,
  });
  const end = (): void => setDoing(null);
  return (
    <Card
      title={t('holds.heading')}
      level={3}
      aside={
        <Button icon="lock" onPress={() => { setAlready(false); setDoing({ step: 'identify' }); }}>
          {t('holds.place')}
        </Button>
      }
    >
      <div className="stack">
        <p className="soft">{t('holds.explain')}</p>
        {already && (
          <Banner tone="info" live="status">
            {t('holds.already')}
          </Banner>
        )}
        {holds.isPending && <Loading />}
        {holds.isError && <Failure error={holds.error} onRetry={() => void holds.refetch()} />}
        {holds.data?.length === 0 && <Empty icon="lock" title={t('holds.empty')} />}
        {holds.data && holds.data.length > 0 && <HoldTable holds={holds.data} onLift={(hold) => setDoing({ step: 'lift', hold })} />}
      </div>
      {doing?.step === 'identify' && (
        <IdentifyPatient
          title={t('holds.place')}
          onClose={end}
          onFound={(patient) => {
            setAlready(patient.held);
            setDoing(patient.held ? null : { step: 'place', patient });
          }}
        />
      )}
      {doing?.step === 'place' && <HoldDialog patientId={doing.patient.id} onClose={end} />}
      {doing?.step === 'lift' && <HoldDialog patientId={doing.hold.patient_id} lifts onClose={end} />}
    </Card>
  );
}

function HoldTable({ holds, onLift }: { holds: readonly Hold[]; onLift(hold: Hold): void }): ReactElement {
  const { t } = useTranslation('admin');
  const columns: Column<Hold>[] = [
    { id: 'patient', title: t('holds.patient'), heads: true, cell: (row) => <code className="small long-id">{row.patient_id}</code> },
    { id: 'organization', title: t('holds.organization'), cell: (row) => row.organization ?? '–' },
    { id: 'at', title: t('retention.at'), cell: (row) => <span className="numbers">{formatDayTime(row.at)}</span> },
    { id: 'by', title: t('retention.by'), cell: (row) => row.by ?? t('retention.operator') },
    { id: 'reason', title: t('retention.reason'), cell: (row) => row.reason },
    {
      id: 'lift',
      title: t('holds.lift'),
      titleHidden: true,
      cell: (row) => (
        <Button kind="quiet" icon="trash" iconOnly onPress={() => onLift(row)}>
          {t('holds.liftOf', { id: row.patient_id })}
        </Button>
      ),
    },
  ];
  return <DataTable caption={t('holds.heading')} captionHidden rows={holds} rowKey={(row) => row.patient_id} stacks columns={columns} />;
}
