import { describe, expect, test } from 'vitest';
import { asAsked } from './asAsked';

const today = new Date(2026, 0, 5);

describe('what is looked for', () => {
  test.each([
    ['1968年4月9日', '1968-04-09'],
    ['19680409', '1968-04-09'],
    ['wang  1968/4/9', 'wang 1968-04-09'],
    ['张伟', '张伟'],
    [' María Pérez ', 'María Pérez'],
    ['１３９００００００１', '1390000001'],
    ['2031-01-01', '2031-01-01'],
  ])('%s is asked as %s', (typed, asked) => expect(asAsked(typed, today)).toBe(asked));
});
