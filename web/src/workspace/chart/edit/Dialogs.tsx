import type { ReactElement } from 'react';
import type { Chart } from '../../../api/chart';
import type { Opened } from '../Keeping';
import { EntryDialog } from './EntryDialog';
import { HistoryDialog } from './HistoryDialog';

/** What is open above a chart: the form of an entry, or its history. */
export default function Dialogs(props: { opened: Opened; chart: Chart; onClose(): void }): ReactElement {
  const { opened, chart, onClose } = props;
  if (opened.what === 'history') return <HistoryDialog {...opened} patientId={chart.patient.id} onClose={onClose} />;
  return <EntryDialog key={opened.entry?.id ?? opened.what} opened={opened} chart={chart} onClose={onClose} />;
}
