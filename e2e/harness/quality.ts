import { expect, type Page } from '@playwright/test';
import { demo } from './ready.ts';

interface Figure {
  value: number;
  unit: string;
}

export interface Quality {
  t: Figure | null;
  c: Figure | null;
  d: Figure | null;
  r: Figure | null;
  not_computed: string[];
}

export async function qualityOf(page: Page, visitId: string): Promise<Quality> {
  const answer = await page.request.get(`${demo().http}/api/visits/${visitId}/quality`);
  expect(answer.status()).toBe(200);
  return (await answer.json()) as Quality;
}

/** R of the answer is T × C / D of the answer, and its unit is made of theirs. */
export function expectConsistent({ t, c, d, r, not_computed }: Quality): Figure {
  expect(not_computed).toEqual([]);
  const recomputed = (t!.value * c!.value) / d!.value;
  expect(Math.abs(r!.value - recomputed) / recomputed).toBeLessThan(1e-9);
  expect(r!.unit).toBe(`${t!.unit}.${c!.unit}/${d!.unit}`);
  return r!;
}

/** As screens show it: three significant digits. */
export function shown(value: number): string {
  return new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 }).format(value);
}
