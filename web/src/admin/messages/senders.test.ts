import { describe, expect, test } from 'vitest';
import { callsItself, entriesOf, faultsOf, newSender, risksOf, rulesOf, stillUnknown } from './senders';

const HOSPITAL = newSender({ name: 'The hospital', application: 'HIS', facility: 'WEST', zone: 'Asia/Shanghai', addresses: ['192.0.2.7'] });

describe('the form of a sender', () => {
  test('gives back what it was given', () => {
    const rules = { ...HOSPITAL, kinds: ['ADT', 'ORU^R01'], authorities: [{ name: 'WEST', system: 'https://west.example/number' }] };
    expect(rulesOf(entriesOf(rules))).toEqual(rules);
    expect(faultsOf(entriesOf(rules)).size).toBe(0);
  });
  test('reads lists and fingerprints as people paste them', () => {
    const colons = `sha256 Fingerprint=${Array(32).fill('AB').join(':')}`;
    const rules = rulesOf({ ...entriesOf(HOSPITAL), kinds: ' adt, oru^r01；', certificate: colons, addresses: '192.0.2.7\n2001:db8::1' });
    expect(rules).toMatchObject({ kinds: ['ADT', 'ORU^R01'], certificate: 'ab'.repeat(32), addresses: ['192.0.2.7', '2001:db8::1'] });
  });
  test('says what the server would not take', () => {
    const entries = {
      ...entriesOf(HOSPITAL),
      name: ' ',
      application: '',
      zone: 'Mars/Olympus',
      kinds: 'everything',
      addresses: '192.0.2.0/24',
      certificate: '12',
      authorities: [{ name: 'WEST', system: 'west' }],
    };
    expect([...faultsOf(entries)]).toEqual(['name', 'application', 'zone', 'kinds', 'addresses', 'certificate', 'authorities']);
  });
});

describe('what is risky about a sender', () => {
  test('is whoever no other is, a line without TLS, a name alone, and what is only practised', () => {
    expect(risksOf(HOSPITAL)).toEqual([]);
    expect(risksOf(newSender({ plain: true, training: true }))).toEqual(['whoever', 'plain', 'nameOnly', 'training']);
  });
});

describe('who knocked', () => {
  const stranger = { application: 'LIS', facility: 'EAST', address: '192.0.2.9', times: 3, last_at: '2026-01-05T08:00:00Z' };
  test('is told by its header', () => {
    expect(callsItself(stranger)).toBe('LIS|EAST');
    expect(callsItself({ application: 'LIS', facility: '' })).toBe('LIS');
  });
  test('is unknown until a sender stands for it', () => {
    expect(stillUnknown([stranger], [HOSPITAL])).toEqual([stranger]);
    for (const known of [{ application: 'LIS', facility: 'EAST' }, { application: 'LIS' }, { application: '' }]) {
      expect(stillUnknown([stranger], [newSender(known)])).toEqual([]);
    }
    expect(stillUnknown([stranger], [newSender({ application: 'LIS', facility: 'NORTH' })])).toEqual([stranger]);
  });
});
