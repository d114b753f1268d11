import { expect, test } from 'vitest';
import { lookAgainAfter, pathOf } from './way';

function report(...entries: Record<string, unknown>[]): RTCStatsReport {
  return new Map(entries.map((entry) => [String(entry.id), entry])) as unknown as RTCStatsReport;
}

const pair = { id: 'P', type: 'candidate-pair', localCandidateId: 'L' };

test('the way is that of the selected pair', () => {
  const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P' };
  const over = (local: Record<string, unknown>) => pathOf(report(transport, pair, { id: 'L', ...local }))?.way;
  expect(over({ candidateType: 'host', protocol: 'udp' })).toBe('udp');
  expect(over({ candidateType: 'prflx', protocol: 'tcp' })).toBe('tcp');
  expect(over({ candidateType: 'relay', protocol: 'udp' })).toBe('relay');
  expect(pathOf(report({ id: 'T', type: 'transport' }))).toBeNull();
});

test('Firefox marks the pair', () => {
  const local = { id: 'L', candidateType: 'host', protocol: 'tcp' };
  expect(pathOf(report({ ...pair, selected: true, bytesReceived: 7 }, local))).toEqual({ way: 'tcp', bytes: 7 });
  expect(pathOf(report({ ...pair, selected: false }, local))).toBeNull();
});

test('one looks less and less often', () => {
  expect([0, 1, 2, 3, 4, 20].map(lookAgainAfter)).toEqual([15_000, 30_000, 60_000, 120_000, 120_000, 120_000]);
});
