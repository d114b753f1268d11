import { expect, test } from 'vitest';
import { figures, only, sampleOf } from './wayTest';

const SDP = [
  'v=0',
  'a=candidate:1 1 udp 2130706175 192.0.2.1 10000 typ host',
  'a=candidate:2 1 tcp 1671430143 192.0.2.1 10000 typ host tcptype passive',
  'a=end-of-candidates',
  '',
].join('\r\n');

test('of a description only the candidates of one way are taken', () => {
  expect(only('udp', SDP)).not.toContain(' tcp ');
  expect(only('tcp', SDP)).not.toContain(' udp ');
  // Through a relay the server is reached by what it has on UDP.
  expect(only('relay', SDP)).toBe(only('udp', SDP));
  expect(only('tcp', SDP)).toMatch(/^v=0\r\n.*\r\na=end-of-candidates\r\n$/);
});

test('two samples make rates, and what was lost in between', () => {
  const near = (bytes: number) => [
    { type: 'outbound-rtp', bytesSent: bytes },
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.04 },
    { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
  ];
  const far = (bytes: number, packets: number, lost: number) => [
    { type: 'inbound-rtp', kind: 'video', bytesReceived: bytes, packetsReceived: packets, packetsLost: lost, jitter: 0.006 },
  ];
  const from = sampleOf(near(100_000), far(90_000, 100, 4));
  const to = sampleOf(near(350_000), far(340_000, 295, 9));
  expect(figures(from, to, 2_000)).toEqual({ rtt_ms: 40, jitter_ms: 6, loss: 0.025, up_mbps: 1, down_mbps: 1 });
});

test('nothing that came is no figure of loss, and packets counted back are none below nothing', () => {
  const none = sampleOf([], []);
  expect(figures(none, none, 1_000)).toEqual({ rtt_ms: null, jitter_ms: null, loss: null, up_mbps: 0, down_mbps: 0 });
  const late = { ...none, packets: 10, lost: -3 };
  expect(figures(none, late, 1_000).loss).toBe(0);
});
