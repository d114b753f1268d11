import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answered } from '../../api/client';
import { RadioGroup } from '../../design';
import { EditDialog } from '../EditDialog';
import { type Filter, asked, isFiltered } from './audit';

type Format = 'csv' | 'ndjson';

/** Takes away what the list shows, as a file. */
export function TakeAudit({ filter, onClose }: { filter: Filter; onClose(): void }): ReactElement {
  const { t } = useTranslation('admin');
  const [format, setFormat] = useState<Format>('csv');
  const take = useMutation({
    mutationFn: async () => {
      const answer = await answered('POST', '/admin/audit/export', { format, filter: asked(filter) }, {});
      keep(await answer.blob(), `audit.${format}`);
    },
    onSuccess: onClose,
  });
  return (
    <EditDialog title={t('audit.takeTitle')} onClose={onClose} save={take} onSubmit={() => take.mutate()} submit={t('audit.takeDo')}>
      <p>{t(isFiltered(filter) ? 'audit.takeFiltered' : 'audit.takeAll')}</p>
      <RadioGroup
        label={t('audit.format')}
        options={(['csv', 'ndjson'] as const).map((id) => ({ id, label: t(`audit.format_.${id}`), hint: t(`audit.formatHint.${id}`) }))}
        value={format}
        onChange={setFormat}
      />
      <p className="soft small">{t('audit.takeCare')}</p>
    </EditDialog>
  );
}

/** Hands a file to the browser to keep. */
function keep(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
