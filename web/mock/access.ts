import type * as api from '../src/api/messages.ts';
import { type Call, Refusal } from './http.ts';
import type { MockVisit, World } from './world.ts';

export const ACCOUNT_CSRF = 'mock-account-csrf';
export const visitCsrf = (visitId: string): string => `mock-visit-csrf-${visitId}`;

/** The signed-in account, or 401. */
export function account(world: World, call: Call): api.User {
  const user = accountOf(world, call.cookies);
  if (!user) throw new Refusal(401, 'session.missing');
  if (unsafe(call) && call.request.headers['x-csrf-token'] !== ACCOUNT_CSRF) throw new Refusal(403, 'csrf.invalid');
  return user;
}

export function accountOf(world: World, cookies: Record<string, string>): api.User | undefined {
  return world.users.find((user) => user.id === cookies.bianque_session && user.active);
}

export function administrator(world: World, call: Call): api.User {
  const user = account(world, call);
  if (user.role !== 'administrator') throw new Refusal(403, 'role.forbidden');
  return user;
}

export function clinician(world: World, call: Call): api.User {
  const user = account(world, call);
  if (user.role !== 'clinician') throw new Refusal(403, 'role.forbidden');
  return user;
}

/** Who speaks about this visit: an account, or the holder of the visit's cookie. */
export interface Speaker {
  made: MockVisit;
  participant: api.Participant;
  viaVisit: boolean;
}

export function speaker(world: World, call: Call): Speaker {
  const made = world.visits.get(call.at.id ?? '');
  const viaVisit = call.query.get('as') === 'visit' || call.request.headers['x-bianque-as'] === 'visit';
  if (!viaVisit) {
    account(world, call);
    if (!made) throw new Refusal(404, 'visit.unknown');
    return { made, participant: participantOf(made, 'clinician'), viaVisit };
  }
  const [visitId, participantId] = (call.cookies.bianque_visit ?? '').split(':');
  if (!made || visitId !== made.visit.id) throw new Refusal(401, 'visit.no-cookie');
  if (unsafe(call) && call.request.headers['x-csrf-token'] !== visitCsrf(made.visit.id)) throw new Refusal(403, 'csrf.invalid');
  const participant = made.visit.participants.find((one) => one.id === participantId);
  if (!participant) throw new Refusal(401, 'visit.no-cookie');
  return { made, participant, viaVisit };
}

export function participantOf(made: MockVisit, role: api.PersonRole): api.Participant {
  const found = made.visit.participants.find((one) => one.role === role);
  if (!found) throw new Refusal(404, 'participant.unknown');
  return found;
}

/** The visit as this reader may see it. */
export function visitFor(world: World, made: MockVisit, role: api.PersonRole): api.Visit {
  const visit: api.Visit = { ...made.visit, queue_place: placeInQueue(world, made) };
  if (role === 'clinician') return visit;
  delete visit.join;
  if (role === 'patient') {
    visit.note_version = null;
    if (visit.intake) visit.intake = { ...visit.intake, notes: null };
  }
  return visit;
}

export function queue(world: World): api.Visit[] {
  const waiting = [...world.visits.values()].map((made) => made.visit).filter((visit) => visit.state === 'arrived');
  const key = (visit: api.Visit): string => (visit.red_flags.length ? '0' : '1') + (visit.arrived_at ?? '');
  return waiting.sort((a, b) => key(a).localeCompare(key(b)));
}

function placeInQueue(world: World, made: MockVisit): number | null {
  const place = queue(world).findIndex((visit) => visit.id === made.visit.id);
  return place < 0 ? null : place + 1;
}

function unsafe(call: Call): boolean {
  return call.method !== 'GET' && call.method !== 'HEAD';
}
