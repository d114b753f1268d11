import { describe, expect, it } from 'vitest';
import { VITAL_KINDS, type VitalKind, readVital } from './vitalKinds';

const kind = (code: string): VitalKind => VITAL_KINDS.find((one) => one.code === code) as VitalKind;

describe('a vital sign as it is typed', () => {
  it('takes a decimal comma and full-width digits', () => {
    expect(readVital(kind('8310-5'), '36,8', '')).toEqual({ ok: true, value: 36.8 });
    expect(readVital(kind('8867-4'), '７２', '')).toEqual({ ok: true, value: 72 });
  });

  it('wants two values of a blood pressure, in their order', () => {
    expect(readVital(kind('85354-9'), '138', '86')).toEqual({ ok: true, value: 138, value2: 86 });
    expect(readVital(kind('85354-9'), '86', '138')).toEqual({ ok: false, fault: 'order' });
    expect(readVital(kind('85354-9'), '138', '')).toEqual({ ok: false, fault: 'second' });
  });

  it.each(['', 'abc', '999', '-3', '1e2', '36.812'])('refuses %j', (typed) => {
    expect(readVital(kind('8310-5'), typed, '')).toEqual({ ok: false, fault: 'first' });
  });
});
