import { expect, test } from 'vitest';
import { Pulse, type Sign } from './pulse';

const EVERY_MS = 400;

/** What is said of looks that each find so many bytes. */
function signs(bytes: number[]): Sign[] {
  const pulse = new Pulse(0);
  return bytes.map((count, index) => pulse.look((index + 1) * EVERY_MS, count));
}

const steady = [100, 200, 300, 400, 500, 600];
const nothing = (looks: number): number[] => new Array<number>(looks).fill(600);

test('a stream that stops is doubted within a second, once, and then dead', () => {
  const said = signs([...steady, ...nothing(8)]).slice(steady.length);
  expect(said).toEqual(['quiet', 'doubtful', 'quiet', 'quiet', 'quiet', 'quiet', 'quiet', 'silent']);
});

test('it stays dead until something comes, and is doubted again after that', () => {
  const said = signs([...steady, ...nothing(16), 700, 800, 900, 1_000, 1_100, 1_100, 1_100]);
  expect(said.filter((sign) => sign === 'silent')).toHaveLength(2);
  expect(said.at(-1)).toBe('doubtful');
});

test('a call in which little is said is not doubted, and is dead after as long', () => {
  const nowAndThen = [100, 100, 200, 200, 200, 300, 300, 300, 400, 400];
  expect(signs(nowAndThen)).not.toContain('doubtful');
  expect(signs([...nowAndThen, ...new Array<number>(8).fill(400)]).filter((sign) => sign !== 'quiet' && sign !== 'flows')).toEqual(['silent']);
});

test('a single look that finds nothing means nothing', () => {
  expect(signs([...steady, 600, 700, 800])).not.toContain('doubtful');
});
