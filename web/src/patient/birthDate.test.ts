import { describe, expect, test } from 'vitest';
import { type DateParts, readDate } from './birthDate';

const today = new Date('2026-03-01T12:00:00Z');
const read = (day: string, month: string, year: string): ReturnType<typeof readDate> => readDate({ day, month, year } satisfies DateParts, today);

describe('a typed date of birth', () => {
  test('is read with and without leading zeros, spaces and full-width digits', () => {
    expect(read('7', '3', '1985')).toEqual({ ok: true, date: '1985-03-07' });
    expect(read(' 07', '03 ', '1985')).toEqual({ ok: true, date: '1985-03-07' });
    expect(read('７', '１２', '１９８５')).toEqual({ ok: true, date: '1985-12-07' });
    expect(read('29', '2', '2024')).toEqual({ ok: true, date: '2024-02-29' });
  });

  test.each([
    ['', '', '', 'empty', 'day'],
    ['7', '', '1985', 'incomplete', 'month'],
    ['31', '2', '1985', 'not-a-date', 'day'],
    ['29', '2', '2025', 'not-a-date', 'day'],
    ['7', '13', '1985', 'not-a-date', 'month'],
    ['x', '3', '1985', 'not-a-date', 'day'],
    ['7', '3', '85', 'not-a-date', 'year'],
    ['7', '3', '1899', 'too-old', 'year'],
    ['3', '3', '2026', 'future', 'year'],
  ])('%s %s %s is %s', (day, month, year, fault, field) => {
    expect(read(day, month, year)).toEqual({ ok: false, fault, field });
  });

  test('of tomorrow passes where tomorrow has begun', () => {
    expect(readDate({ day: '2', month: '3', year: '2026' }, today)).toEqual({ ok: true, date: '2026-03-02' });
  });
});
