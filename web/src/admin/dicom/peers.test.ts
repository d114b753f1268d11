import { describe, expect, test } from 'vitest';
import english from '../../locales/en/dicom.json';
import shared from '../../locales/en/peers.json';
import { RIGHTS, entriesOf, faultsOf, isTitle, newPeer, rightsOf, risksOf, rulesOf } from './peers';

const SCANNER = newPeer({ name: 'CT 1', title: 'CT_1', addresses: ['192.0.2.7'] });
const ARCHIVE = newPeer({ ...SCANNER, name: 'The archive', title: 'PACS', retrieve: true, host: 'pacs.example', port: 11_112 });

describe('the form of a device', () => {
  test('begins as one that sends images and is sent none', () => {
    expect(rightsOf(newPeer())).toEqual(['store']);
    expect([...faultsOf(entriesOf(newPeer()))]).toEqual(['name']);
    expect(entriesOf(newPeer())).toMatchObject({ host: '', port: '' });
  });
  test('gives back what it was given', () => {
    const rules = { ...ARCHIVE, authorities: [{ name: 'WEST', system: 'https://west.example/number' }], makes_patients: true };
    for (const one of [rules, SCANNER]) {
      expect(rulesOf(entriesOf(one))).toEqual(one);
      expect(faultsOf(entriesOf(one)).size).toBe(0);
    }
  });
  test('reads titles, lists and fingerprints as people paste them', () => {
    const colons = `sha256 Fingerprint=${Array(32).fill('AB').join(':')}`;
    const entries = { ...entriesOf(ARCHIVE), title: ' PACS ', certificate: colons, addresses: '192.0.2.7，2001:db8::1', port: ' 104 ' };
    expect(rulesOf(entries)).toMatchObject({
      title: 'PACS',
      certificate: 'ab'.repeat(32),
      addresses: ['192.0.2.7', '2001:db8::1'],
      port: 104,
    });
  });
  test('takes rights in whichever order they were chosen', () => {
    for (const right of RIGHTS) {
      const rules = rulesOf({ ...entriesOf(SCANNER), rights: [right] });
      expect(rightsOf(rules)).toEqual([right]);
    }
    expect(rightsOf(rulesOf({ ...entriesOf(SCANNER), rights: ['retrieve', 'store'] }))).toEqual(['store', 'retrieve']);
  });
  test('says what the server would not take', () => {
    const entries = {
      ...entriesOf(ARCHIVE),
      name: ' ',
      title: 'PACS\\1',
      addresses: '192.0.2.0/24',
      certificate: '12',
      host: 'dicom://pacs.example',
      port: '0',
      authorities: [{ name: 'WEST', system: 'west' }],
    };
    expect([...faultsOf(entries)]).toEqual(['name', 'title', 'addresses', 'certificate', 'host', 'port', 'authorities']);
    for (const field of faultsOf(entries)) expect({ ...shared.form.bad, ...english.form.bad }).toHaveProperty(field);
  });
  test('asks whoever images are sent to for title, host and port together', () => {
    const faults = (part: object): string[] => [...faultsOf({ ...entriesOf(ARCHIVE), ...part })];
    expect(faults({ title: '' })).toEqual(['title']);
    expect(faults({ port: '' })).toEqual(['port']);
    expect(faults({ host: '' })).toEqual(['host']);
    expect(faults({ host: '', port: '' })).toEqual([]);
  });
  test('makes patients by numbers only, and numbers have an authority', () => {
    const entries = { ...entriesOf(SCANNER), makes_patients: true };
    expect([...faultsOf(entries)]).toEqual(['authorities']);
    expect(faultsOf({ ...entries, authorities: [{ name: '', system: 'urn:oid:1.2.3' }] }).size).toBe(0);
  });
});

describe('an AE title', () => {
  test('has up to 16 characters of ASCII without backslash', () => {
    for (const good of ['', 'CT_1', 'ct 1', 'A~!@[]^_`{|}', 'SIXTEEN_LETTERS_']) expect(isTitle(good), good).toBe(true);
    for (const bad of ['SEVENTEEN_LETTERS', 'A\\B', '影像', 'CT\t1', 'CT\n']) expect(isTitle(bad), bad).toBe(false);
  });
});

describe('what is risky about a device', () => {
  test('is whoever no other is, a line without TLS, and a title alone', () => {
    expect(risksOf(SCANNER)).toEqual([]);
    expect(risksOf(newPeer({ plain: true }))).toEqual(['whoever', 'plain', 'nameOnly']);
    expect(risksOf({ ...SCANNER, addresses: [], certificate: 'ab'.repeat(32) })).toEqual([]);
  });
  test('is nothing for one that may do nothing, unless images go to it without TLS', () => {
    const nothing = { store: false, query: false, retrieve: false, worklist: false, addresses: [] };
    expect(risksOf({ ...SCANNER, ...nothing, plain: true })).toEqual([]);
    expect(risksOf({ ...ARCHIVE, ...nothing, plain: true })).toEqual(['plain']);
  });
});
