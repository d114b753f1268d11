import type * as api from '../src/api/messages.ts';
import { clinician, speaker } from './access.ts';
import { emptyChart } from './charts.ts';
import { Refusal, type Router } from './http.ts';
import { type World, newId } from './world.ts';

export function patientRoutes(router: Router, world: World): void {
  router.on('GET', '/patients', (call) => {
    clinician(world, call);
    const wanted = (call.query.get('query') ?? '').toLowerCase();
    const text = (one: api.PatientSummary): string =>
      [one.name, one.birth_date, one.phone, ...one.identifiers.map((identifier) => identifier.value)].join(' ').toLowerCase();
    return { json: { patients: world.patients.filter((one) => text(one).includes(wanted)).slice(0, 20), next: null } };
  });
  router.on('POST', '/patients', (call) => {
    const user = clinician(world, call);
    const { identifier, ...body } = call.body<api.NewPatient>();
    const same = world.patients.find((one) => one.identifiers.some((held) => held.value === identifier?.value));
    if (identifier && same) throw new Refusal(409, 'patient.exists', { details: { patient_id: same.id } });
    const patient: api.PatientSummary = {
      ...body,
      id: newId(),
      identifiers: identifier ? [identifier] : [],
      organization: user.organization ?? { id: '', name: '' },
    };
    world.patients.push(patient);
    world.charts.set(patient.id, emptyChart());
    return { status: 201, json: { patient } };
  });
  router.on('GET', '/patients/:id/chart', (call) => {
    clinician(world, call);
    return { json: chart(world, call.at.id ?? '') };
  });
  router.on('GET', '/visits/:id/chart', (call) => ({ json: chart(world, speaker(world, call).made.visit.patient.id) }));
  directory(router, world);
}

function chart(world: World, id: string): api.Chart {
  const patient = world.patients.find((one) => one.id === id);
  const held = world.charts.get(id);
  if (!patient || !held) throw new Refusal(404, 'patient.unknown');
  const visits = [...world.visits.values()].filter((made) => made.visit.patient.id === id);
  return {
    patient,
    ...held,
    photos: visits.flatMap((made) => made.visit.photos),
    visits: visits.map(({ visit, note }) => ({
      id: visit.id,
      held: true,
      start: visit.start,
      state: visit.state,
      reason: visit.reason,
      practitioner: visit.practitioner.name,
      disposition: note?.signed ? note.disposition : null,
      signed: visit.signed,
    })),
  };
}

function directory(router: Router, world: World): void {
  router.on('GET', '/visit-types', (call) => {
    clinician(world, call);
    return { json: { visit_types: world.prices.filter((one) => one.active).map(({ code, name, price, minutes }) => ({ code, name, price, minutes })) } };
  });
  router.on('GET', '/practitioners', (call) => {
    clinician(world, call);
    const practitioners = world.users.flatMap((user) =>
      user.practitioner_id ? [{ id: user.practitioner_id, name: user.name, title: user.title, role: user.role, organization: user.organization }] : [],
    );
    return { json: { practitioners } };
  });
  router.on('GET', '/practitioners/to-ask', (call) => {
    const own = clinician(world, call).organization?.id;
    const others = world.users.filter((user) => user.role === 'clinician' && user.practitioner_id && user.organization?.id !== own);
    const practitioners = others.map(({ practitioner_id, name, title, role, organization }) => ({ id: practitioner_id, name, title, role, organization }));
    return { json: { practitioners } };
  });
  router.on('GET', '/organizations', () => ({ json: { organizations: world.organizations } }));
  router.on('GET', '/slots', (call) => {
    clinician(world, call);
    return { json: { slots: slots(world, call.query) } };
  });
  router.on('GET', '/terms/diagnoses', (call) => {
    clinician(world, call);
    const wanted = (call.query.get('query') ?? '').toLowerCase();
    const terms = TERMS.filter((one) => [one.code, one.display.en, one.display.zh].join(' ').toLowerCase().includes(wanted));
    return { json: { terms } };
  });
}

function slots(world: World, query: URLSearchParams): api.Slot[] {
  const from = new Date(query.get('from') ?? Date.now());
  const to = new Date(query.get('to') ?? from.getTime() + 86_400_000);
  const taken = new Set([...world.visits.values()].map((made) => made.visit.start.slice(0, 15)));
  const found: api.Slot[] = [];
  const step = 15 * 60_000;
  for (let at = Math.ceil(from.getTime() / step) * step; at < to.getTime() && found.length < 96; at += step) {
    const start = new Date(at).toISOString();
    found.push({ start, end: new Date(at + step).toISOString(), free: !taken.has(start.slice(0, 15)) });
  }
  return found;
}

const ICD = 'http://hl7.org/fhir/sid/icd-10';
const TERMS: api.Term[] = (
  [
    ['J00', 'Acute nasopharyngitis (common cold)', '急性鼻咽炎（感冒）'],
    ['J06.9', 'Acute upper respiratory infection', '急性上呼吸道感染'],
    ['J20.9', 'Acute bronchitis', '急性支气管炎'],
    ['I10', 'Essential hypertension', '原发性高血压'],
    ['E11.9', 'Type 2 diabetes mellitus', '2 型糖尿病'],
    ['L25.9', 'Contact dermatitis', '接触性皮炎'],
    ['L30.9', 'Dermatitis', '皮炎'],
    ['M17.9', 'Osteoarthritis of knee', '膝关节骨关节炎'],
    ['G43.9', 'Migraine', '偏头痛'],
    ['K52.9', 'Gastroenteritis and colitis', '胃肠炎和结肠炎'],
    ['N39.0', 'Urinary tract infection', '泌尿道感染'],
  ] as const
).map(([code, en, zh]) => ({ system: ICD, code, display: { en, zh } }));
