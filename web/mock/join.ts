import { randomBytes } from 'node:crypto';
import type * as api from '../src/api/messages.ts';
import { participantOf, speaker, visitCsrf, visitFor } from './access.ts';
import { type Answer, Refusal, type Router } from './http.ts';
import type { Sockets } from './sockets.ts';
import { type MockVisit, type World, iso } from './world.ts';

/** Links with a fixed outcome, for looking at the screens. */
const DEAD: Record<string, [status: number, code: string]> = {
  expired: [410, 'join.expired'],
  replaced: [410, 'join.replaced'],
};

export function joinRoutes(router: Router, world: World, sockets: Sockets): void {
  router.on('GET', '/join/:token', (call) => ({ json: info(world, call.at.token ?? '') }));
  router.on('POST', '/visits/:id/confirm', (call) => confirm(world, call.at.id ?? '', call.body()));
  router.on('GET', '/visits/:id/me', (call) => {
    const { made, participant } = speaker(world, call);
    return { json: { csrf: visitCsrf(made.visit.id), participant, visit: visitFor(world, made, participant.role) } satisfies api.Me };
  });
  router.on('GET', '/consents/visit', () => ({ json: CONSENT }));
  wayIn(router, world, sockets);
  router.on('GET', '/visits/:id/probe', (call) => ({
    raw: randomBytes(Math.min(4 << 20, Number(call.query.get('bytes')) || 0)),
    headers: { 'content-type': 'application/octet-stream' },
  }));
  router.on('POST', '/visits/:id/probe', (call) => ({ json: { received: call.bytes.length } }));
}

function wayIn(router: Router, world: World, sockets: Sockets): void {
  const step = <T>(method: string, name: string, change: (visit: api.Visit, body: T) => void): void => {
    router.on(method, `/visits/:id/${name}`, (call) => {
      const { made, participant } = speaker(world, call);
      change(made.visit, call.bytes.length ? call.body<T>() : ({} as T));
      sockets.tellVisit(made);
      return { json: { visit: visitFor(world, made, participant.role) } };
    });
  };
  step<api.DeviceCheck>('POST', 'device-check', (visit, body) => {
    visit.device_check = body;
    if (visit.next === 'device') visit.next = 'consent';
  });
  step<api.Consent>('POST', 'consent', (visit, body) => {
    if (!body.name.trim()) throw new Refusal(422, 'consent.name', { field: 'name' });
    visit.consent = { ...body, at: iso() };
    if (visit.next === 'consent') visit.next = 'intake';
  });
  step<api.Intake>('PUT', 'intake', (visit, body) => {
    visit.intake = body;
    visit.reason = body.reason;
    visit.red_flags = body.red_flags;
  });
  step('POST', 'arrive', (visit) => {
    if (!visit.consent || !visit.intake) throw new Refusal(409, 'visit.not-ready');
    if (visit.state === 'planned') Object.assign(visit, { state: 'arrived', arrived_at: iso(), next: 'waiting' });
  });
  router.on('POST', '/visits/:id/leave', () => ({ headers: { 'set-cookie': 'bianque_visit=; Path=/api/visits; Max-Age=0' } }));
}

function info(world: World, token: string): api.JoinInfo {
  const dead = DEAD[token];
  if (dead) throw new Refusal(dead[0], dead[1]);
  const { made, role } = holder(world, token);
  const { visit } = made;
  return {
    visit_id: visit.id,
    practitioner_name: visit.practitioner.name,
    organization_name: visit.organization.name,
    start: visit.start,
    state: visit.state,
    bound: made.joinState === 'bound',
    attempts_left: token === 'locked' ? 0 : (visit.join?.attempts_left ?? 5),
    role,
    locked: false,
  };
}

function holder(world: World, token: string): { made: MockVisit; role: 'patient' | 'consultant'; invitation?: string } {
  const fixed = world.visits.get('v-new');
  if (fixed && (token === 'locked' || token === 'bound')) return { made: { ...fixed, joinState: token }, role: 'patient' };
  for (const made of world.visits.values()) {
    if (made.token === token) return { made, role: 'patient' };
    const invitation = made.visit.invitations.find((one) => token === `c-${made.visit.id}-${one.id}`);
    if (invitation) return { made, role: 'consultant', invitation: invitation.id };
  }
  throw new Refusal(404, 'join.unknown');
}

interface Confirmation {
  token: string;
  birth_date?: string;
  code?: string;
  name?: string;
  registration?: string;
}

function confirm(world: World, id: string, body: Confirmation): Answer {
  const { made, role, invitation } = holder(world, body.token);
  const { visit } = made;
  if (visit.id !== id) throw new Refusal(404, 'join.unknown');
  if (made.joinState === 'locked') throw new Refusal(429, 'join.locked', { headers: { 'retry-after': '900' } });
  if (made.joinState === 'bound' && body.code !== made.code) throw new Refusal(409, 'join.bound');
  const good = role === 'consultant' ? !!body.name && !!body.registration : body.birth_date === visit.patient.birth_date || body.code === made.code;
  if (!good) mismatch(made);
  const participant = role === 'consultant' ? visit.participants.find((one) => one.id === invitation) : participantOf(made, 'patient');
  if (!participant) throw new Refusal(404, 'join.unknown');
  if (visit.join) Object.assign(visit.join, { state: 'bound', attempts_left: 5 });
  return {
    json: { csrf: visitCsrf(id), visit: visitFor(world, made, role) } satisfies api.Confirmed,
    headers: { 'set-cookie': `bianque_visit=${id}:${participant.id}; Path=/api/visits/${id}; SameSite=Lax` },
  };
}

function mismatch(made: MockVisit): never {
  const { join } = made.visit;
  const left = Math.max(0, (join?.attempts_left ?? 1) - 1);
  if (join) join.attempts_left = left;
  if (left === 0) throw new Refusal(429, 'join.locked', { headers: { 'retry-after': '900' } });
  throw new Refusal(403, 'join.mismatch', { field: 'birth_date', details: { attempts_left: left } });
}

const CONSENT: api.ConsentText = {
  version: '2026-02',
  text: {
    en: [
      'This visit takes place by video. The clinician sees and hears you, and may ask for photos.',
      'A video visit cannot replace every examination. The clinician may ask you to come to a clinic or a hospital, and you should go at once if your condition becomes worse.',
      'What is said and written becomes part of your medical record at this institution. Only the people who treat you may read it. The visit is not recorded.',
      'A clinician of another institution may be asked for an opinion. You will see who joins.',
      'You may end the visit at any time. This does not affect your further care.',
    ].join('\n\n'),
    zh: [
      '本次就诊通过视频进行。医生可以看到您、听到您，也可能请您提供照片。',
      '视频就诊不能代替所有检查。医生可能请您到诊所或医院就诊；如果病情加重，请立即前往医院。',
      '就诊中的谈话和文字将成为您在本机构病历的一部分，只有为您诊治的人员可以查看。就诊过程不录音、不录像。',
      '医生可能邀请其他机构的医生提供意见。有人加入时，您会看到。',
      '您可以随时结束就诊，不会影响之后的诊疗。',
    ].join('\n\n'),
  },
};
