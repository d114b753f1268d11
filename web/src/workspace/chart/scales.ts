/** A map from values to places, both ends kept; a span of nothing lies in the middle. */
export function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = high - low;
  return (value) => Math.round((span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from)) * 10) / 10;
}

const STEPS = [1, 2, 5, 10];

/** Round numbers that hold all values: at least two, at most five. */
export function ticksOf(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) / 5 || 1;
  const raw = span / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (STEPS.find((one) => one * power >= raw) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  // From whole numbers, so that no sum of tenths creeps in.
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
