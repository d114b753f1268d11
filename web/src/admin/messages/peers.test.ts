import { describe, expect, test } from 'vitest';
import { fingerprintOf, isAddress, isFingerprint, isSystem } from './peers';

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
