import { expect, test } from 'vitest';
import { faultOfYears } from './retention';

test('years are whole, and between what the operator wants and a hundred', () => {
  const bounds = { least: 15, most: 100 };
  for (const good of ['15', ' 20 ', '100']) expect(faultOfYears(good, bounds)).toBeNull();
  for (const bad of ['', '14', '101', '15.5', '-20', 'ten', '1e2']) expect(faultOfYears(bad, bounds)).toBe('range');
});
