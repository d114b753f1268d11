/** What can be measured beside a call, with the range that a person can have at all. */
export interface VitalKind {
  code: string;
  unit: string;
  from: number;
  to: number;
  /** Blood pressure has two values, each with its range. */
  second?: { from: number; to: number };
}

export const VITAL_KINDS: readonly VitalKind[] = [
  { code: '85354-9', unit: 'mmHg', from: 40, to: 300, second: { from: 20, to: 200 } },
  { code: '8867-4', unit: '/min', from: 20, to: 300 },
  { code: '2708-6', unit: '%', from: 40, to: 100 },
  { code: '8310-5', unit: '°C', from: 30, to: 45 },
  { code: '9279-1', unit: '/min', from: 4, to: 90 },
  { code: '15074-8', unit: 'mmol/L', from: 0.5, to: 60 },
  { code: '29463-7', unit: 'kg', from: 0.3, to: 400 },
];

export type VitalReading =
  { ok: true; value: number; value2?: number } | { ok: false; fault: 'first' | 'second' | 'order' };

/** Reads what was typed; a decimal comma and full-width digits are as good as any. */
export function readVital(kind: VitalKind, first: string, second: string): VitalReading {
  const value = numberIn(first);
  if (value === null || value < kind.from || value > kind.to) return { ok: false, fault: 'first' };
  if (!kind.second) return { ok: true, value };
  const value2 = numberIn(second);
  if (value2 === null || value2 < kind.second.from || value2 > kind.second.to) return { ok: false, fault: 'second' };
  if (value2 >= value) return { ok: false, fault: 'order' };
  return { ok: true, value, value2 };
}

function numberIn(text: string): number | null {
  const plain = text.normalize('NFKC').trim().replace(',', '.');
  return /^\d{1,3}(\.\d{1,2})?$/.test(plain) ? Number(plain) : null;
}
