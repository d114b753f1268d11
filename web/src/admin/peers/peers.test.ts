import { describe, expect, test } from 'vitest';
import english from '../../locales/en/peers.json';
import {
  addressOf,
  fingerprintOf,
  isAddress,
  isFingerprint,
  isHost,
  isOpenToAll,
  isPort,
  isSystem,
  listed,
  portOf,
  risksOfComing,
} from './peers';

describe('another system', () => {
  test('knows addresses of machines from what is none', () => {
    for (const good of ['192.0.2.7', '::1', '2001:db8::ff']) expect(isAddress(good), good).toBe(true);
    for (const bad of ['192.0.2', '192.0.2.300', 'his.example', '10.0.0.0/8', '::g']) expect(isAddress(bad), bad).toBe(false);
  });
  test('is known by a fingerprint, however a program writes it', () => {
    const plain = 'ab'.repeat(32);
    expect(fingerprintOf(`sha256 Fingerprint=${Array(32).fill('AB').join(':')}`)).toBe(plain);
    expect(isFingerprint(plain)).toBe(true);
    expect(isFingerprint('')).toBe(true);
    expect(isFingerprint(plain.slice(1))).toBe(false);
  });
  test('gives numbers under a system, which is a URI', () => {
    for (const good of ['urn:oid:1.2.3', ' https://west.example/number ']) expect(isSystem(good), good).toBe(true);
    for (const bad of ['west', 'https://west.example/a number', '']) expect(isSystem(bad), bad).toBe(false);
  });
});

describe('where another system is', () => {
  test('is a name or an address and nothing beside it', () => {
    for (const good of ['his.example', 'HIS-1', 'localhost', '医院.example', '10.1.2.3', '2001:db8::1']) expect(isHost(good), good).toBe(true);
    for (const bad of ['', 'his.example:2575', 'https://his.example', '[::1]', '10.1.2', '10.1.2.300', 'a b', 'his/x', 'me@his', 'his%']) {
      expect(isHost(bad), bad).toBe(false);
    }
  });
  test('is written with its port', () => {
    expect(addressOf({ host: 'his.example', port: 2575 })).toBe('his.example:2575');
    expect(addressOf({ host: '2001:db8::1', port: 2575 })).toBe('[2001:db8::1]:2575');
  });
  test('is open to all on the way without TLS, but on this machine', () => {
    expect(isOpenToAll({ plain: true, host: '10.1.2.3' })).toBe(true);
    for (const host of ['127.0.0.1', '::1', 'localhost']) expect(isOpenToAll({ plain: true, host }), host).toBe(false);
    expect(isOpenToAll({ plain: false, host: '10.1.2.3' })).toBe(false);
  });
});

describe('what is written of another system', () => {
  test('is a list, whatever stands between', () => {
    expect(listed(' 192.0.2.7,\n2001:db8::1；ADT ')).toEqual(['192.0.2.7', '2001:db8::1', 'ADT']);
    expect(listed(' ')).toEqual([]);
  });
  test('is a port, or none', () => {
    expect(portOf(' 104 ')).toBe(104);
    for (const none of ['', '0', '-1', '25.75', '2e3', '123456']) expect(isPort(portOf(none)), none).toBe(false);
    expect(isPort(portOf('65536'))).toBe(false);
  });
  test('has its dangers, the worst first', () => {
    expect(risksOfComing('HIS', { addresses: ['192.0.2.7'], certificate: '', plain: false })).toEqual([]);
    expect(risksOfComing('', { addresses: [], certificate: '', plain: true })).toEqual(['whoever', 'plain', 'nameOnly']);
  });
  test('has words for each danger', () => {
    for (const risk of risksOfComing('', { addresses: [], certificate: '', plain: true })) expect(english.risk).toHaveProperty(risk);
  });
});
