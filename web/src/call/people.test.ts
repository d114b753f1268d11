import { describe, expect, test } from 'vitest';
import type { Participant } from '../api/messages';
import { isForemost } from './foremost';
import { peopleOf } from './useCall';

function one(id: string, role: Participant['role'], more: Partial<Participant> = {}): Participant {
  return { id, name: id, role, organization: null, present: true, media: 'connected', ...more };
}

const patient = one('patient', 'patient', { hears: 'zh' });
const doctor = one('doctor', 'clinician');
const interpreter = one('interpreter', 'interpreter', { speaks: 'zh' });
const aunt = one('aunt', 'family');

function background(participants: Participant[], you: string): string[] {
  return peopleOf(participants, you, [], 'udp').filter((person) => person.background).map((person) => person.id);
}

describe('the original', () => {
  test('is behind the interpreter for whoever hears their language', () => {
    expect(background([patient, doctor, interpreter, aunt], 'patient')).toEqual(['doctor', 'aunt']);
  });
  test('is in front for everybody else', () => {
    expect(background([patient, doctor, interpreter, aunt], 'doctor')).toEqual([]);
  });
  test('is in front while nobody interprets into that language', () => {
    for (const silent of [{ speaks: null }, { speaks: 'en' }, { silenced: 'muted' as const }, { present: false }]) {
      expect(background([patient, doctor, { ...interpreter, ...silent }], 'patient')).toEqual([]);
    }
  });
});

describe('of many', () => {
  const front = (participants: Participant[], you: string): string[] => {
    const people = peopleOf(participants, you, [], 'udp');
    return people.filter((person) => isForemost(person, people)).map((person) => person.id);
  };
  test('patient and clinician stand in front', () => {
    expect(front([aunt, interpreter, doctor, patient], 'aunt').sort()).toEqual(['doctor', 'patient']);
    expect(front([aunt, interpreter, doctor, patient], 'patient')).toEqual(['doctor']);
  });
  test('somebody does when neither is there', () => {
    expect(front([aunt, interpreter, one('uncle', 'family')], 'uncle')).toEqual(['aunt']);
  });
});
