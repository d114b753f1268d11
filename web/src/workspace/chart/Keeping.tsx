import { type ReactElement, type ReactNode, createContext, lazy, Suspense, useContext, useMemo, useState } from 'react';
import type { AllergyEntry, Chart, MedicationEntry, ProblemEntry } from '../../api/chart';

/** What is open above a chart. */
export type Opened =
  | { what: 'problem'; entry: ProblemEntry | null }
  | { what: 'allergy'; entry: AllergyEntry | null }
  | { what: 'medication'; entry: MedicationEntry | null }
  | { what: 'order'; entry: MedicationEntry }
  | { what: 'history'; resource: string; id: string; name: string };

export interface Keeper {
  chart: Chart;
  /** Whether the reader may change entries. */
  edits: boolean;
  open(opened: Opened): void;
}

const Context = createContext<Keeper | null>(null);
const Dialogs = lazy(() => import('./edit/Dialogs'));

/** By which entries of a chart are changed and their history is read; none where a chart is only shown. */
export function useKeeper(): Keeper | null {
  return useContext(Context);
}

/** A chart whose entries have a history, and can be changed by those who may. */
export function Keeping(props: { chart: Chart; edits: boolean; children: ReactNode }): ReactElement {
  const { chart, edits, children } = props;
  const [opened, setOpened] = useState<Opened | null>(null);
  const keeper = useMemo(() => ({ chart, edits, open: setOpened }), [chart, edits]);
  return (
    <Context value={keeper}>
      {children}
      {opened && (
        <Suspense fallback={null}>
          <Dialogs opened={opened} chart={chart} onClose={() => setOpened(null)} />
        </Suspense>
      )}
    </Context>
  );
}
