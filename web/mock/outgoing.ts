import type { Bucket } from '../src/admin/messages/flow.ts';
import type { Segment } from '../src/admin/messages/messages.ts';
import { type OutgoingLine, isUnsettled } from '../src/admin/messages/outgoing/outgoing.ts';
import { administrator } from './access.ts';
import { type MockDestination, destinationRoutes, newDestinations } from './destinations.ts';
import { type Call, Refusal, type Router } from './http.ts';
import { type World, iso } from './world.ts';

const PAGE = 50;
const MINUTE_MS = 60_000;

/** Messages of HL7 v2 that go, and to whom. */
export interface MockOutgoing {
  destinations: MockDestination[];
  /** Newest first. */
  lines: OutgoingLine[];
  /** Drops what waits for a destination. */
  drop(destination: string, reason: string): void;
}

export function outgoingRoutes(router: Router, world: World): void {
  const lines = Array.from({ length: 70 }, (_, place) => lineOf(place));
  const drop = (destination: string, reason: string): void => {
    const waiting = lines.filter((line) => line.destination_id === destination && line.state === 'waiting');
    for (const line of waiting) Object.assign(line, { state: 'dropped', reason });
  };
  const outgoing: MockOutgoing = { destinations: newDestinations(), lines, drop };
  destinationRoutes(router, world, outgoing);
  lists(router, world, outgoing);
  one(router, world, outgoing);
}

function lists(router: Router, world: World, { lines }: MockOutgoing): void {
  const counts = (): { waiting: number; refused: number } => ({
    waiting: lines.filter(({ state }) => state === 'waiting').length,
    refused: lines.filter(isUnsettled).length,
  });
  router.on('GET', '/admin/outgoing', (call) => {
    administrator(world, call);
    const asked = (name: string): string => call.query.get(name) ?? '';
    const before = asked('before').split('|')[1] ?? '';
    const fitting = lines.filter(
      (line) =>
        (before === '' || line.id < before) &&
        (asked('state') === '' || line.state === asked('state') || (asked('state') === 'unsettled' && isUnsettled(line))) &&
        (asked('destination') === '' || line.destination_id === asked('destination')) &&
        line.kind.startsWith(asked('kind')) &&
        JSON.stringify([line, segmentsOf(line)]).includes(asked('text')),
    );
    const messages = fitting.slice(0, PAGE);
    const last = messages.at(-1);
    return { json: { messages, next: last && fitting.length > PAGE ? `${last.at}|${last.id}` : null, ...counts() } };
  });
  router.on('GET', '/admin/outgoing/flow', (call) => {
    administrator(world, call);
    return { json: { bucket_s: 300, buckets: Array.from({ length: 288 }, (_, place) => bucketOf(place)), ...counts() } };
  });
  router.on('POST', '/admin/outgoing/resend', (call) => {
    administrator(world, call);
    const { messages } = call.body<{ messages: string[] }>();
    const again = lines.filter(({ id }) => messages.includes(id));
    // What cannot be made cannot be made a second time either.
    for (const line of again.filter(({ state }) => state !== 'unmade')) {
      for (const part of ['sent_at', 'answer', 'error', 'reason'] as const) delete line[part];
      Object.assign(line, { state: 'waiting', tries: 0 });
    }
    return { json: { messages: again } };
  });
}

function one(router: Router, world: World, { lines }: MockOutgoing): void {
  const found = (call: Call): OutgoingLine => {
    administrator(world, call);
    const line = lines.find(({ id }) => id === call.at.id);
    if (!line) throw new Refusal(404, 'message.unknown');
    return line;
  };
  router.on('GET', '/admin/outgoing/:id', (call) => {
    const line = found(call);
    return { json: { ...line, segments: segmentsOf(line), answer_segments: answerOf(line), patient_id: 'pat-1' } };
  });
  router.on('POST', '/admin/outgoing/:id/drop', (call) => {
    Object.assign(found(call), { state: 'dropped', reason: call.body<{ reason: string }>().reason });
    return {};
  });
}

const KINDS = [
  ['ADT^A04', 'Encounter'],
  ['SIU^S12', 'Appointment'],
  ['MDM^T02', 'Composition'],
  ['ORU^R01', 'DiagnosticReport'],
  ['REF^I12', 'ServiceRequest'],
] as const;

/** A fixed wave instead of chance, so that pictures do not differ from run to run. */
function lineOf(place: number): OutgoingLine {
  const [kind, type] = KINDS[place % KINDS.length] ?? KINDS[0];
  const number = String(9000 - place);
  const at = iso(-place * 7 * MINUTE_MS - 40_000);
  const line = { id: `out-${number}`, at, kind, control: `BQ${number}`, about: `${type}/0198c7e2-5d1a-7c3e-9f40-a1b2c3d4${number}`, tries: 1 };
  const destination_id = place % 7 === 3 ? 'dest-county' : place % 11 === 5 ? 'dest-archive' : place % 5 === 3 ? 'dest-lis' : 'dest-his';
  if (destination_id === 'dest-county' && place < 40) {
    return { ...line, destination_id, state: 'waiting', tries: 0 };
  }
  if (destination_id === 'dest-archive' && place < 30) return { ...line, destination_id, state: 'waiting', tries: 0 };
  if (place === 0) return { ...line, destination_id, state: 'waiting', tries: 2, error: 'PID-3: the patient is locked (206)' };
  if (place % 13 === 6) return { ...line, destination_id, state: 'refused', answer: 'AE', error: 'PID-3: the patient is not known (204)' };
  if (place % 31 === 9) {
    return { ...line, destination_id, control: '', state: 'unmade', tries: 0, error: 'GB 18030-2000 has no sign for U+1F600 in PID-5' };
  }
  if (place === 14) return { ...line, destination_id, state: 'dropped', reason: 'Told by phone' };
  if (place === 60) return { ...line, destination_id: 'dest-gone', state: 'sent', sent_at: at, answer: 'AA' };
  return { ...line, destination_id, state: 'sent', sent_at: new Date(Date.parse(at) + 1800).toISOString(), answer: 'AA' };
}

function bucketOf(place: number): Bucket {
  const isDown = place > 228;
  return {
    at: iso(-(287 - place) * 5 * MINUTE_MS),
    applied: Math.round(16 + 14 * Math.sin(place / 40) + (place % 5)),
    failed: place % 47 === 0 ? 1 : 0,
    rejected: place === 262 ? 2 : 0,
    lost: isDown ? 2 + (place % 3) : 0,
    p50_ms: 240 + (place % 6) * 30,
    p95_ms: isDown ? 42_000 + (place % 9) * 9000 : 900 + (place % 11) * 60,
  };
}

function segmentsOf({ kind, control, at, state }: OutgoingLine): Segment[] {
  if (state === 'unmade') return [];
  const [code = '', event = ''] = kind.split('^');
  const stamp = `${at.replace(/\D/g, '').slice(0, 14)}+0000`;
  const header = ['^~\\&', 'BIANQUE', '', 'HIS', 'COUNTY', stamp, '', `${code}^${event}^${code}_${event}`, control, 'P', '2.5.1'];
  const segments: Segment[] = [
    { name: 'MSH', fields: ['|', ...header, '', '', '', '', '', 'UNICODE UTF-8'] },
    { name: 'EVN', fields: ['', stamp] },
    { name: 'PID', fields: ['1', '', 'MR-2001^^^XINGLIN^MR', '', '王^秀兰', '', '19510312', 'F'] },
    { name: 'PV1', fields: ['1', 'V', '', '', '', '', '1105100000^林^晓'] },
  ];
  if (code !== 'MDM' && code !== 'ORU') return segments;
  const pdf = `^application^pdf^Base64^${'JVBERi0xLjcK'.repeat(120)}`;
  return [...segments, { name: 'TXA', fields: ['1', 'CN', 'TX', stamp] }, { name: 'OBX', fields: ['1', 'ED', '11488-4^Consult note^LN', '', pdf, '', '', '', '', '', 'F'] }];
}

function answerOf({ answer, control, error }: OutgoingLine): Segment[] | null {
  if (!answer) return null;
  const segments: Segment[] = [
    { name: 'MSH', fields: ['|', '^~\\&', 'HIS', 'COUNTY', 'BIANQUE', '', '', '', 'ACK', `A${control}`, 'P', '2.5.1'] },
    { name: 'MSA', fields: [answer, control] },
  ];
  return error ? [...segments, { name: 'ERR', fields: ['', 'PID^1^3', '204', 'E', '', '', '', error] }] : segments;
}
