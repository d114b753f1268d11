import { describe, expect, test } from 'vitest';
import english from '../../../locales/en/hl7v2.json';
import shared from '../../../locales/en/peers.json';
import {
  type Destination,
  type DestinationState,
  EVENTS,
  STANDINGS,
  entriesOf,
  eventsWith,
  faultsOf,
  lookAgainMs,
  newDestination,
  rulesOf,
  standingOf,
  withNotes,
} from './destinations';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const CALM: DestinationState = {
  paused: false,
  waiting: 0,
  waiting_many: false,
  oldest_at: null,
  refused: 0,
  last_at: '2026-01-05T11:59:00Z',
  failures: 0,
  error: null,
  error_code: null,
  next_at: null,
};
const HIS = { ...newDestination(), name: 'The HIS', host: 'his.example', zone: 'Asia/Shanghai' };

describe('how it goes with a destination', () => {
  test('is well once one was acknowledged and nothing waits', () => {
    expect(standingOf(CALM, NOW)).toBe('well');
    expect(standingOf({ ...CALM, last_at: null }, NOW)).toBe('idle');
  });
  test('is under way while something waits, and slow when it waits for long', () => {
    expect(standingOf({ ...CALM, waiting: 3, oldest_at: '2026-01-05T11:59:30Z' }, NOW)).toBe('waiting');
    expect(standingOf({ ...CALM, waiting: 3, oldest_at: '2026-01-05T11:50:00Z' }, NOW)).toBe('late');
  });
  test('does not get through after the first try that failed, unless somebody paused it', () => {
    const failing = { ...CALM, waiting: 1, failures: 1, error: 'connection refused', next_at: '2026-01-05T12:00:10Z' };
    expect(standingOf(failing, NOW)).toBe('failing');
    expect(standingOf({ ...failing, paused: true }, NOW)).toBe('paused');
  });
  test('has words, whatever it is', () => {
    for (const standing of STANDINGS) expect(english.destinations.is).toHaveProperty(standing);
  });
  test('is looked at more often while something waits', () => {
    const of = (state: Partial<DestinationState>): Destination => ({ ...HIS, id: '1', state: { ...CALM, ...state } });
    expect(lookAgainMs(undefined)).toBe(15_000);
    expect(lookAgainMs([of({}), of({ waiting: 5, paused: true })])).toBe(15_000);
    expect(lookAgainMs([of({}), of({ waiting: 5 })])).toBe(5_000);
  });
});

describe('the form of a destination', () => {
  test('begins with TLS, the port of HL7, and all that can be told', () => {
    expect(newDestination()).toMatchObject({ port: 2575, plain: false, events: EVENTS, own_application: 'BIANQUE', version: '2.5.1' });
    expect([...faultsOf(entriesOf(newDestination()))]).toEqual(['name', 'host']);
  });
  test('gives back what it was given, and not what the server says of it', () => {
    const rules = { ...HIS, certificate: 'ab'.repeat(32), authorities: [{ name: 'MPI', system: 'urn:oid:1.2.3' }] };
    const read: Destination = { ...rules, id: '1', state: CALM };
    expect(rulesOf(entriesOf(read))).toEqual(rules);
    expect(faultsOf(entriesOf(read)).size).toBe(0);
  });
  test('keeps what is told in one order, however it was chosen', () => {
    expect(rulesOf({ ...entriesOf(HIS), events: ['REF', 'SIU'] }).events).toEqual(['SIU', 'REF']);
  });
  test('tells notes that go as results with reports, and never loses them', () => {
    const entries = entriesOf({ ...HIS, events: ['ADT', 'MDM'] });
    const asResults = { ...entries, ...withNotes(entries, 'result') };
    expect(rulesOf(asResults)).toMatchObject({ notes: 'result', events: ['ADT', 'ORU'] });
    expect(rulesOf({ ...asResults, ...withNotes({ ...asResults, events: ['ORU'] }, 'document') }).events).toEqual(['MDM', 'ORU']);
    expect(rulesOf({ ...entries, ...withNotes({ ...entries, events: ['SIU'] }, 'result') }).events).toEqual(['SIU']);
    expect(eventsWith('result')).not.toContain('MDM');
  });
  test('says what the server would not take', () => {
    const entries = {
      ...entriesOf(HIS),
      name: ' ',
      host: 'mllp://his.example',
      port: '0',
      certificate: '12',
      events: [],
      own_application: '',
      zone: 'Mars/Olympus',
      authorities: [{ name: 'MPI', system: 'mpi' }],
    };
    expect([...faultsOf(entries)]).toEqual(['name', 'host', 'port', 'certificate', 'events', 'own_application', 'zone', 'authorities']);
    for (const field of faultsOf(entries)) {
      expect({ ...shared.form.bad, ...english.to.bad }).toHaveProperty(field);
    }
  });
  test('takes ports that there are', () => {
    const bad = (port: string): boolean => faultsOf({ ...entriesOf(HIS), port }).has('port');
    for (const port of ['1', ' 2575 ', '65535']) expect(bad(port), port).toBe(false);
    for (const port of ['', '65536', '-1', '25.75', '2e3']) expect(bad(port), port).toBe(true);
  });
});
