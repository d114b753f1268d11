import type * as api from '../src/api/messages.ts';
import { clinician, participantOf, queue, speaker, visitFor } from './access.ts';
import { type Answer, type Call, Refusal, type Router } from './http.ts';
import type { Sockets } from './sockets.ts';
import { type MockVisit, type World, iso, makeVisit, newId } from './world.ts';

export function visitRoutes(router: Router, world: World, sockets: Sockets): void {
  list(router, world, sockets);
  moves(router, world, sockets);
  vitals(router, world);
  chat(router, world, sockets);
  invitations(router, world, sockets);
}

export function summary(world: World, made: MockVisit): api.VisitSummary {
  const { id, state, start, end, patient, practitioner, visit_type, reason, red_flags, arrived_at, signed, present } = made.visit;
  const place = queue(world).findIndex((visit) => visit.id === id);
  return { id, state, start, end, patient, practitioner, visit_type, reason, red_flags, queue_place: place < 0 ? null : place + 1, arrived_at, signed, present };
}

export function dayList(world: World): api.VisitSummary[] {
  const rank = (one: api.VisitSummary): string => {
    if (one.red_flags.length && one.state === 'arrived') return `0${one.arrived_at}`;
    if (one.state === 'in-progress' || one.state === 'onleave') return `1${one.start}`;
    if (one.state === 'arrived') return `2${one.arrived_at}`;
    return `3${one.start}`;
  };
  return [...world.visits.values()].map((made) => summary(world, made)).sort((a, b) => rank(a).localeCompare(rank(b)));
}

function list(router: Router, world: World, sockets: Sockets): void {
  router.on('GET', '/visits', (call) => {
    clinician(world, call);
    return { json: { visits: dayList(world) } };
  });
  router.on('POST', '/visits', (call) => {
    clinician(world, call);
    const body = call.body<{ patient_id: string; practitioner_id?: string; start?: string; visit_type: string; reason?: string }>();
    const patient = world.patients.find((one) => one.id === body.patient_id);
    if (!patient) throw new Refusal(404, 'patient.unknown');
    const taken = body.start && [...world.visits.values()].some((made) => made.visit.start === body.start);
    if (taken) throw new Refusal(409, 'slot.taken', { field: 'start' });
    const made = makeVisit(world, {
      patient,
      startMs: body.start ? Date.parse(body.start) - Date.now() : 0,
      type: body.visit_type,
      reason: body.reason ?? '',
      walkIn: !body.start,
      ...(body.practitioner_id && { practitionerId: body.practitioner_id }),
    });
    sockets.tellQueue();
    return { status: 201, json: { visit: made.visit, join_url: joinUrl(call, made) } };
  });
  router.on('GET', '/visits/:id', (call) => {
    const { made, participant } = speaker(world, call);
    return { json: { visit: visitFor(world, made, participant.role) } };
  });
  router.on('POST', '/visits/:id/link', (call) => {
    const { made } = speaker(world, call);
    made.token = `t-${newId()}`;
    return { json: { join_url: joinUrl(call, made) } };
  });
  router.on('POST', '/visits/:id/let-in', (call) => {
    const { made } = speaker(world, call);
    made.joinState = 'ok';
    return { json: { code: made.code } };
  });
}

function joinUrl(call: Call, made: MockVisit): string {
  return `http://${call.request.headers.host}/j/${made.token}`;
}

function moves(router: Router, world: World, sockets: Sockets): void {
  const move = (name: string, change: (visit: api.Visit, call: Call) => void): void => {
    router.on('POST', `/visits/:id/${name}`, (call) => {
      const { made } = speaker(world, call);
      change(made.visit, call);
      sockets.tellVisit(made);
      return { json: { visit: visitFor(world, made, 'clinician') } };
    });
  };
  move('admit', (visit, call) => {
    const { identifiers } = call.body<{ identifiers: string[] }>();
    if (new Set(identifiers).size < 2) throw new Refusal(422, 'admit.identifiers', { field: 'identifiers' });
    Object.assign(visit, { state: 'in-progress', next: 'call', admitted_at: iso() });
  });
  move('away', (visit) => Object.assign(visit, { state: 'onleave' }));
  move('back', (visit) => Object.assign(visit, { state: 'in-progress' }));
  move('end', (visit, call) => {
    const { reason } = call.body<{ reason: string }>();
    Object.assign(visit, { state: 'finished', next: 'ended', ended_at: iso(), ended_reason: reason });
  });
  move('cancel', (visit) => Object.assign(visit, { state: 'cancelled', next: 'ended', ended_reason: 'cancelled' }));
  move('no-show', (visit) => Object.assign(visit, { state: 'cancelled', next: 'ended', ended_reason: 'no-show' }));
}

const VITALS: Record<string, { text: api.Names; unit: string }> = {
  '8867-4': { text: { en: 'Heart rate', zh: '心率' }, unit: '/min' },
  '8310-5': { text: { en: 'Temperature', zh: '体温' }, unit: 'Cel' },
  '2708-6': { text: { en: 'Oxygen saturation', zh: '血氧饱和度' }, unit: '%' },
  '9279-1': { text: { en: 'Respiratory rate', zh: '呼吸频率' }, unit: '/min' },
  '29463-7': { text: { en: 'Weight', zh: '体重' }, unit: 'kg' },
  '85354-9': { text: { en: 'Blood pressure', zh: '血压' }, unit: 'mm[Hg]' },
  '15074-8': { text: { en: 'Glucose', zh: '血糖' }, unit: 'mmol/L' },
};

function vitals(router: Router, world: World): void {
  router.on('GET', '/visits/:id/vitals', (call) => ({ json: { vitals: speaker(world, call).made.vitals } }));
  router.on('POST', '/visits/:id/vitals', (call) => {
    const { made, participant } = speaker(world, call);
    const body = call.body<{ code: string; value: number; value2?: number }>();
    const kind = VITALS[body.code];
    if (!kind || !Number.isFinite(body.value)) throw new Refusal(422, 'vital.invalid', { field: 'value' });
    made.vitals.push({ id: newId(), code: body.code, ...kind, value: body.value, value2: body.value2 ?? null, at: iso(), by: participant.name });
    return { json: { vitals: made.vitals } };
  });
}

function chat(router: Router, world: World, sockets: Sockets): void {
  const seen = new Map<string, api.Chat>();
  router.on('GET', '/visits/:id/chat', (call) => ({ json: { messages: speaker(world, call).made.chat } }));
  router.on('POST', '/visits/:id/chat', (call) => {
    const { made, participant } = speaker(world, call);
    const key = `${participant.id}/${String(call.request.headers['idempotency-key'])}`;
    if (!seen.has(key)) {
      const { id, name, role } = participant;
      const message: api.Chat = { id: newId(), by: { id, name, role }, text: call.body<{ text: string }>().text, at: iso() };
      seen.set(key, message);
      made.chat.push(message);
      sockets.tell(made, { t: 'chat', message });
    }
    return { json: { messages: made.chat } };
  });
}

function invitations(router: Router, world: World, sockets: Sockets): void {
  router.on('GET', '/consults', () => ({ json: { consults: [] } }));
  router.on('POST', '/visits/:id/invitations', (call) => {
    const { made } = speaker(world, call);
    const body = call.body<{ practitioner_id?: string; name: string; organization_id: string; question: string }>();
    const asked = body.practitioner_id ? world.users.find((one) => one.practitioner_id === body.practitioner_id) : undefined;
    const home = asked?.organization?.id ?? body.organization_id;
    const organization = world.organizations.find((one) => one.id === home) ?? { id: '', name: '' };
    const name = asked?.name ?? body.name;
    const invitation: api.Invitation = {
      id: newId(),
      name,
      organization: { id: organization.id, name: organization.name },
      question: body.question,
      state: 'open',
      has_account: asked !== undefined,
      expires_at: iso(86_400_000),
    };
    made.visit.invitations.push(invitation);
    made.visit.participants.push({ id: invitation.id, name, role: 'consultant', organization: organization.name, present: false, media: 'none' });
    sockets.tellVisit(made);
    return { status: 201, json: { invitation, url: asked ? null : `http://${call.request.headers.host}/j/c-${made.visit.id}-${invitation.id}` } };
  });
  router.on('DELETE', '/visits/:id/invitations/:invitation', (call) => {
    const { made } = speaker(world, call);
    const found = made.visit.invitations.find((one) => one.id === call.at.invitation);
    if (found) found.state = 'over';
    sockets.tellVisit(made);
    return {};
  });
  router.on('GET', '/visits/:id/opinion', (call) => {
    const { made, participant } = speaker(world, call);
    const opinion = participant.role === 'consultant' ? made.opinions.get(participant.id) : [...made.opinions.values()].at(-1);
    return { json: { opinion: opinion ?? null } };
  });
  router.on('PUT', '/visits/:id/opinion', (call): Answer => {
    const { made, participant } = speaker(world, call);
    const { text, version } = call.body<{ text: string; version: number }>();
    const opinion: api.Opinion = { text, version: version + 1, signed_at: null, by: participant.name, organization: participant.organization ?? '' };
    made.opinions.set(participant.id, opinion);
    sockets.tell(made, { t: 'opinion', state: 'draft' });
    return { json: { opinion } };
  });
  router.on('POST', '/visits/:id/opinion/sign', (call) => {
    const { made, participant } = speaker(world, call);
    const opinion = made.opinions.get(participant.id);
    if (!opinion) throw new Refusal(422, 'opinion.empty');
    opinion.signed_at = iso();
    const invitation = made.visit.invitations.find((one) => one.id === participant.id);
    if (invitation) invitation.state = 'signed';
    sockets.tell(made, { t: 'opinion', state: 'signed' });
    sockets.tellVisit(made);
    return { json: { opinion } };
  });
  // What only the mock has: puts a visit into any state, for looking at screens.
  router.on('POST', '/mock/visits/:id', (call) => {
    const made = world.visits.get(call.at.id ?? '');
    if (!made) throw new Refusal(404, 'visit.unknown');
    const { present, ...patch } = call.body<Partial<api.Visit> & { present?: boolean }>();
    Object.assign(made.visit, patch);
    if (present !== undefined) participantOf(made, 'clinician').present = present;
    sockets.tellVisit(made);
    return { json: { visit: made.visit } };
  });
}
