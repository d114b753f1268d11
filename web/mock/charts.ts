import type { AllergyEntry, Chart, Measured, MedicationEntry, ProblemEntry } from '../src/api/chart.ts';
import type * as api from '../src/api/messages.ts';

const DAY_MS = 86_400_000;
const iso = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString();

/** What the mock keeps of a chart; visits and photos come from the visits. */
export type HeldChart = Omit<Chart, 'patient' | 'visits' | 'photos'>;

export function emptyChart(): HeldChart {
  return { allergies: [], conditions: [], medications: [], observations: [], reports: [], documents: [], notes: [], partial: [], version: '1' };
}

export function chartOf(patient: api.PatientSummary): HeldChart {
  const zh = patient.language === 'zh-CN';
  const problem = (id: string, text: string, code: string, onset: string): ProblemEntry => ({
    ...entry(`${patient.id}-${id}`, 'Condition', text, code),
    status: 'active',
    verification: 'confirmed',
    severity: '',
    onset,
    abatement: null,
    recorded_at: onset,
    recorder: null,
  });
  return {
    ...emptyChart(),
    allergies: [penicillin(patient)],
    conditions: [
      problem('co', zh ? '高血压' : 'Hypertension', 'I10', '2016-04-01'),
      problem('cd', zh ? '2 型糖尿病' : 'Type 2 diabetes', 'E11.9', '2019-09-01'),
    ],
    medications: [amlodipine(patient)],
    observations: readings(patient),
  };
}

function entry(id: string, resource: string, text: string, code: string | null): AllergyEntry & ProblemEntry & MedicationEntry {
  return { id, resource, version: 1, text, code, system: null, display: null, note: null } as AllergyEntry & ProblemEntry & MedicationEntry;
}

function penicillin(patient: api.PatientSummary): AllergyEntry {
  const zh = patient.language === 'zh-CN';
  return {
    ...entry(`${patient.id}-al`, 'AllergyIntolerance', zh ? '青霉素' : 'Penicillin', null),
    none_known: false,
    clinical: 'active',
    verification: 'confirmed',
    criticality: 'high',
    type: 'allergy',
    category: ['medication'],
    reactions: [{ text: zh ? '皮疹' : 'Rash', severity: 'moderate' }],
    recorded_at: iso(-900 * DAY_MS),
    recorder: null,
  };
}

function amlodipine(patient: api.PatientSummary): MedicationEntry {
  const zh = patient.language === 'zh-CN';
  return {
    ...entry(`${patient.id}-me`, 'MedicationRequest', zh ? '氨氯地平 5 mg' : 'Amlodipine 5 mg', null),
    kind: 'request',
    status: 'active',
    dosage: zh ? '每日一次' : 'once daily',
    from: null,
    to: null,
    authored_at: iso(-60 * DAY_MS),
    by: null,
    reason: '',
    draft: false,
  };
}

/** Half a year of monthly readings, so that plots have a course to show. */
function readings(patient: api.PatientSummary): Measured[] {
  const zh = patient.language === 'zh-CN';
  const kinds: [code: string, text: string, unit: string, value: (month: number) => number][] = [
    ['15074-8', zh ? '血糖' : 'Glucose', 'mmol/L', (month) => 8.4 - 0.2 * month],
    ['29463-7', zh ? '体重' : 'Weight', 'kg', (month) => 74.5 - 0.4 * month],
  ];
  return kinds.flatMap(([code, text, unit, value]) =>
    [0, 1, 2, 3, 4, 5].map((month) => ({
      id: `${patient.id}-${code}-${month}`,
      observation_id: `${patient.id}-${code}-${month}`,
      version: 1,
      code,
      system: 'http://loinc.org',
      text,
      panel: null,
      value: Number(value(month).toFixed(1)),
      comparator: null,
      unit,
      ucum: unit,
      range: null,
      flags: [],
      category: ['vital-signs'],
      absent: '',
      status: 'final',
      note: null,
      at: iso((month - 6) * 30 * DAY_MS),
      visit_id: '',
    })),
  );
}
