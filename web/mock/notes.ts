import type * as api from '../src/api/messages.ts';
import { speaker } from './access.ts';
import { Refusal, type Router } from './http.ts';
import { PASSWORD } from './session.ts';
import type { Sockets } from './sockets.ts';
import { type MockVisit, type World, iso, newId } from './world.ts';

export function noteRoutes(router: Router, world: World, sockets: Sockets): void {
  router.on('GET', '/visits/:id/note', (call) => ({ json: { note: speaker(world, call).made.note } }));
  router.on('PUT', '/visits/:id/note', (call) => {
    const { made } = speaker(world, call);
    const body = call.body<api.Note>();
    if (made.note?.signed) throw new Refusal(409, 'note.signed');
    if (body.version !== (made.note?.version ?? 0)) throw new Refusal(409, 'note.changed');
    made.note = { ...body, version: body.version + 1, saved_at: iso(), signed: null, addenda: [] };
    made.visit.note_version = made.note.version;
    sockets.tell(made, { t: 'note', version: made.note.version, saved_at: made.note.saved_at ?? iso() });
    return { json: { note: made.note } };
  });
  router.on('POST', '/visits/:id/sign', (call) => {
    const { made } = speaker(world, call);
    const body = call.body<{ password: string; chart_version: string; note_version: number }>();
    if (body.password !== PASSWORD && body.password !== 'demo') throw new Refusal(401, 'password.wrong', { field: 'password' });
    checkChart(world, made, body.chart_version);
    const note = complete(made, body.note_version);
    note.signed = { by: made.visit.practitioner.name, at: iso(), hash: newId().replaceAll('-', ''), jws: 'e30..mock' };
    Object.assign(made.visit, { signed: true, plan_ready: true });
    if (made.visit.state === 'finished') made.visit.next = 'plan';
    sockets.tellVisit(made);
    return { json: { signature: note.signed, visit: made.visit } };
  });
  router.on('POST', '/visits/:id/addenda', (call) => {
    const { made } = speaker(world, call);
    if (!made.note?.signed) throw new Refusal(409, 'note.not-signed');
    made.note.addenda.push({ text: call.body<{ text: string }>().text, by: made.visit.practitioner.name, at: iso(), hash: newId() });
    return { json: { note: made.note } };
  });
  plan(router, world, sockets);
  router.on('GET', '/visits/:id/quality', (call) => ({ json: quality(speaker(world, call).made) }));
}

function checkChart(world: World, made: MockVisit, seen: string): void {
  const chart = world.charts.get(made.visit.patient.id);
  if (!chart || seen === chart.version) return;
  throw new Refusal(409, 'chart.changed', { details: { changes: [{ kind: 'AllergyIntolerance', id: 'new', new: true, text: 'Penicillin', at: iso() }], deleted: [] } });
}

function complete(made: MockVisit, version: number): api.Note {
  const { note } = made;
  if (!note) throw new Refusal(422, 'note.incomplete', { details: { missing: ['assessment', 'plan', 'disposition'] } });
  if (version !== note.version) throw new Refusal(409, 'note.changed');
  const missing = (['assessment', 'plan', 'disposition', 'go_to_hospital_if'] as const).filter((field) => !note[field]);
  if (missing.length) throw new Refusal(422, 'note.incomplete', { details: { missing } });
  return note;
}

function plan(router: Router, world: World, sockets: Sockets): void {
  router.on('GET', '/visits/:id/plan', (call) => ({ json: { plan: planOf(speaker(world, call).made) } }));
  router.on('POST', '/visits/:id/plan/confirm', (call) => {
    const { made } = speaker(world, call);
    made.visit.plan_confirmed_at = iso();
    sockets.tellVisit(made);
    return { json: { plan: planOf(made) } };
  });
  router.on('GET', '/visits/:id/plan.pdf', (call) => {
    planOf(speaker(world, call).made);
    return {
      raw: Buffer.from('%PDF-1.4\n% The mock has no pages.\n%%EOF\n'),
      headers: { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="plan.pdf"' },
    };
  });
}

function planOf(made: MockVisit): api.Plan {
  const { note, visit } = made;
  if (!note?.signed || !note.disposition) throw new Refusal(404, 'plan.not-ready');
  const { diagnoses, self_care, prescriptions, go_to_hospital_if, follow_up, addenda } = note;
  return {
    visit_id: visit.id,
    patient_name: visit.patient.name,
    practitioner: { name: visit.practitioner.name, registration: visit.practitioner.registration },
    organization: visit.organization.name,
    date: visit.start,
    diagnoses,
    self_care,
    plan: note.plan,
    prescriptions,
    disposition: note.disposition,
    go_to_hospital_if,
    follow_up,
    signed_at: note.signed.at,
    hash: note.signed.hash,
    confirmed_at: visit.plan_confirmed_at,
    opinions: [...made.opinions.values()].flatMap((one) => (one.signed_at ? [{ ...one, signed_at: one.signed_at }] : [])),
    addenda,
    readable_until: iso(30 * 86_400_000),
  };
}

function quality(made: MockVisit): api.Quality {
  const started = Date.parse(made.visit.admitted_at ?? iso(-300_000));
  const none = !made.visit.admitted_at;
  const windows = none ? [] : Array.from({ length: 60 }, (_, index) => windowOf(made, started, index));
  const [t, c, d] = [3.21, 46, 74];
  return {
    t: none ? null : { value: t, unit: 'Mbit/s', source: 'server-estimate', windows: windows.length },
    c: { value: c, unit: 'CNY', source: 'visit-type' },
    d: none ? null : { value: d, unit: 's' },
    r: none ? null : { value: (t * c) / d, unit: 'Mbit/s.CNY/s' },
    r_ref: none ? null : { value: (t * 50) / d, unit: 'Mbit/s.CNY/s' },
    not_computed: none ? ['no-media'] : [],
    mos: none ? null : { value: 4.1, worst: 3.4 },
    freeze_ratio: none ? null : 0.012,
    goodput_up_mbps: none ? null : 0.92,
    goodput_down_mbps: none ? null : 1.61,
    method_version: '1',
    windows,
    steps: none
      ? []
      : [
          { participant: `${made.visit.id}-p`, role: 'patient', from: 'udp', to: 'sound', cause: 'lost', at: new Date(started + 60_000).toISOString() },
          { participant: `${made.visit.id}-p`, role: 'patient', from: 'sound', to: 'udp', cause: 'restored', at: new Date(started + 95_000).toISOString() },
        ],
  };
}

function windowOf(made: MockVisit, started: number, index: number): api.QualityWindow {
  const wave = Math.sin(index / 6);
  return {
    from: new Date(started + index * 5000).toISOString(),
    to: new Date(started + (index + 1) * 5000).toISOString(),
    connected: index % 29 !== 28,
    t_mbps: 3.2 + wave,
    rtt_ms: 42 - 9 * wave,
    loss: 0.01 - 0.008 * wave,
    mos: 4.1 + 0.2 * wave,
    participant: `${made.visit.id}-p`,
  };
}
