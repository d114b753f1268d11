import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityStep } from '../../api/messages';
import { Card } from '../../design';
import { DataTable } from '../../design/DataTable';
import { formatTimeWithSeconds } from '../../format';
import type { Measured } from './QualityPart';

/** How each one's connection went down and up again, with causes. Where nothing of that was, nothing is shown. */
export function LadderSteps({ steps, among }: { steps: readonly QualityStep[]; among: readonly Measured[] }): ReactElement | null {
  const { t } = useTranslation('workspace');
  if (steps.length === 0) return null;
  const nameOf = (step: QualityStep): string => among.find((person) => person.id === step.participant)?.name ?? t(`visit.role.${step.role}`);
  return (
    <Card title={t('quality.steps.title')} level={2}>
      <DataTable
        caption={t('quality.steps.caption')}
        captionHidden
        stacks
        maxHeight={360}
        rows={steps}
        rowKey={(step) => `${step.at} ${step.participant}`}
        columns={[
          {
            id: 'time',
            title: t('quality.col.time'),
            heads: true,
            cell: (step) => <span className="numbers">{formatTimeWithSeconds(step.at)}</span>,
          },
          { id: 'person', title: t('quality.col.person'), cell: nameOf },
          {
            id: 'step',
            title: t('quality.steps.step'),
            cell: ({ from, to }) => `${t(`quality.steps.rung.${from}`)} → ${t(`quality.steps.rung.${to}`)}`,
          },
          { id: 'cause', title: t('quality.steps.cause'), cell: ({ cause }) => t(`quality.steps.cause_.${cause}`) },
        ]}
      />
    </Card>
  );
}
