import type { Cause, Destination, DestinationRules, DestinationState } from '../src/admin/messages/outgoing/destinations.ts';
import { administrator } from './access.ts';
import { type Call, Refusal, type Router } from './http.ts';
import type { MockOutgoing } from './outgoing.ts';
import { type World, iso, newId } from './world.ts';

const MINUTE_MS = 60_000;

/** A destination and what the line to it does; what waits and what was refused is counted when it is asked for. */
export interface MockDestination {
  id: string;
  rules: DestinationRules;
  paused: boolean;
  last_at: string | null;
  failures: number;
  error: string | null;
  error_code: Cause | null;
}

const RULES: DestinationRules = {
  name: '',
  host: '',
  port: 2575,
  plain: false,
  certificate: '',
  application: '',
  facility: '',
  own_application: 'BIANQUE',
  own_facility: '',
  organization_id: '',
  events: ['SIU', 'ADT', 'MDM', 'ORU', 'REF'],
  notes: 'document',
  language: 'zh-CN',
  version: '2.5.1',
  charset: '',
  zone: 'Asia/Shanghai',
  authorities: [],
};

/** One destination per state that a screen must show. */
export function newDestinations(): MockDestination[] {
  const destination = (id: string, rules: Partial<DestinationRules>, line: Partial<MockDestination>): MockDestination => ({
    id,
    rules: { ...RULES, ...rules },
    paused: false,
    last_at: iso(-2 * MINUTE_MS),
    failures: 0,
    error: null,
    error_code: null,
    ...line,
  });
  const silent = 'nothing answers there';
  return [
    destination('dest-his', { name: '长桑总医院 HIS', host: 'his.changsang.example', application: 'HIS', certificate: '9f'.repeat(32) }, {}),
    destination('dest-lis', { name: 'Laboratory', host: '10.20.4.17', events: ['ORU'], version: '2.4', charset: 'GB 18030-2000' }, {}),
    destination(
      'dest-county',
      { name: 'County exchange', host: '10.1.2.3', port: 6661, plain: true, events: ['ADT', 'ORU', 'REF'], notes: 'result' },
      { failures: 7, error: silent, error_code: 'unreachable', last_at: null },
    ),
    destination('dest-archive', { name: 'Archive', host: 'archive.example', events: ['MDM'], organization_id: 'org-xinglin' }, { paused: true }),
    destination('dest-booking', { name: 'Booking portal', host: '2001:db8::25', events: ['SIU'] }, { last_at: null }),
  ];
}

export function destinationRoutes(router: Router, world: World, outgoing: MockOutgoing): void {
  const { destinations } = outgoing;
  const read = (one: MockDestination): Destination => ({ ...one.rules, id: one.id, state: stateOf(one, outgoing) });
  const found = (call: Call): MockDestination => {
    administrator(world, call);
    const one = destinations.find(({ id }) => id === call.at.id);
    if (!one) throw new Refusal(404, 'destination.unknown');
    return one;
  };
  router.on('GET', '/admin/destinations', (call) => {
    administrator(world, call);
    return { json: { destinations: destinations.map(read) } };
  });
  router.on('POST', '/admin/destinations', (call) => {
    administrator(world, call);
    const made = { id: newId(), rules: checked(call), paused: false, last_at: null, failures: 0, error: null, error_code: null };
    destinations.push(made);
    return { status: 201, json: read(made) };
  });
  router.on('PUT', '/admin/destinations/:id', (call) => {
    const one = found(call);
    one.rules = checked(call);
    return { json: read(one) };
  });
  router.on('DELETE', '/admin/destinations/:id', (call) => {
    const one = found(call);
    destinations.splice(destinations.indexOf(one), 1);
    outgoing.drop(one.id, 'The destination was removed');
    return {};
  });
  router.on('POST', '/admin/destinations/:id/pause', (call) => {
    const one = found(call);
    one.paused = call.body<{ paused: boolean }>().paused;
    return { json: read(one) };
  });
  router.on('POST', '/admin/destinations/:id/try', (call) => {
    const one = found(call);
    one.failures += 1;
    return {};
  });
}

function checked(call: Call): DestinationRules {
  const rules = call.body<DestinationRules>();
  for (const field of ['name', 'host', 'own_application', 'events'] as const) {
    if (rules[field].length === 0) throw new Refusal(422, 'field.required', { field });
  }
  if (!(rules.port >= 1 && rules.port <= 65_535)) throw new Refusal(422, 'field.port', { field: 'port' });
  if (rules.name.length > 200) throw new Refusal(422, 'field.long', { field: 'name' });
  return rules;
}

function stateOf(one: MockDestination, outgoing: MockOutgoing): DestinationState {
  const ofIt = outgoing.lines.filter((line) => line.destination_id === one.id);
  const waiting = ofIt.filter(({ state }) => state === 'waiting');
  return {
    paused: one.paused,
    waiting: waiting.length,
    waiting_many: false,
    oldest_at: waiting.at(-1)?.at ?? null,
    refused: ofIt.filter(({ state }) => state === 'refused' || state === 'unmade').length,
    last_at: one.last_at,
    failures: one.failures,
    error: one.error,
    error_code: one.error_code,
    next_at: one.failures > 0 && !one.paused ? iso(20_000) : null,
  };
}
