import type { Chart, ChartNote, ChartVisit } from '../../api/chart';

/** A visit with what came of it. */
export interface VisitOnLine {
  visit: ChartVisit;
  notes: ChartNote[];
  measured: number;
  reports: number;
  photos: number;
  documents: number;
}

/** Visits by year, newest first; those without a date stand last. */
export function timelineOf(chart: Chart): { year: string | null; visits: VisitOnLine[] }[] {
  const within = <T extends { visit_id: string }>(all: readonly T[], id: string): T[] => all.filter((one) => one.visit_id === id);
  const sorted = [...chart.visits].sort((a, b) => (b.start ?? '').localeCompare(a.start ?? ''));
  const years: { year: string | null; visits: VisitOnLine[] }[] = [];
  for (const visit of sorted) {
    const year = visit.start?.slice(0, 4) ?? null;
    let last = years.at(-1);
    if (!last || last.year !== year) years.push((last = { year, visits: [] }));
    last.visits.push({
      visit,
      notes: within(chart.notes, visit.id),
      measured: new Set(within(chart.observations, visit.id).map((one) => one.observation_id)).size,
      reports: within(chart.reports, visit.id).length,
      photos: within(chart.photos, visit.id).length,
      documents: within(chart.documents, visit.id).length,
    });
  }
  return years;
}

/** Notes that belong to no visit of the chart. */
export function looseNotes(chart: Chart): ChartNote[] {
  const visits = new Set(chart.visits.map(({ id }) => id));
  return chart.notes.filter(({ visit_id }) => !visits.has(visit_id));
}
