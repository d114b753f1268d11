import { describe, expect, test } from 'vitest';
import type { RecordAccess } from '../api/messages';
import english from '../locales/en/patient.json';
import { accessWord, grouped, inEmergency, kindWord } from './accessWords';

const read: RecordAccess = {
  at: '2026-03-01T09:10:00Z',
  who: 'Lin Wangshu',
  kind: 'clinician',
  organization: 'Xinglin',
  what: 'read',
  operation: 'chart.read',
  purpose: 'TREAT',
  reason: null,
};

describe('what was done', () => {
  const did: Record<string, string> = english.accesses.did;
  test.each(['chart.read', 'record.history', 'record.problem', 'emergency.open', 'note.sign', 'fhir.search', 'visit.admit', 'visit.end', 'fhir.create'])(
    '%s has words',
    (operation) => {
      for (const what of ['read', 'changed', 'deleted', 'used'] as const) {
        expect(did[accessWord({ operation, what })], `${operation} ${what}`).toBeTruthy();
      }
    },
  );
  test('what is not known is told by what it did', () => {
    expect(accessWord({ operation: 'something.new', what: 'deleted' })).toBe('deleted');
    expect(accessWord({ operation: 'visit.pause', what: 'changed' })).toBe('visit-changed');
  });
  test('whoever comes in by the link is nobody yet', () => {
    expect(kindWord({ kind: 'server', operation: 'visit.join' })).toBe('link');
    expect(kindWord({ kind: 'server', operation: 'visit.read' })).toBe('server');
  });
  test('only the breaking of the glass is an emergency', () => {
    expect(inEmergency({ purpose: 'BTG' })).toBe(true);
    expect(inEmergency({ purpose: 'TREAT' })).toBe(false);
  });
});

describe('what is repeated', () => {
  test('the same again on the same day is one entry, with the newest time', () => {
    const [only, ...rest] = grouped([read, { ...read, at: '2026-03-01T09:00:00Z' }]);
    expect(rest).toEqual([]);
    expect(only).toEqual({ access: read, times: 2 });
  });
  test.each([
    { at: '2026-02-20T09:00:00Z' },
    { who: 'Qin Yue' },
    { organization: 'Changsang' },
    { operation: 'note.read' },
    { purpose: 'BTG' },
  ])('%o stands for itself', (other) => {
    expect(grouped([read, { ...read, ...other }])).toHaveLength(2);
  });
});
