import { expect, test } from 'vitest';
import type { CallStats } from '../api/messages';
import { networkWord } from './networkWords';

const fine: CallStats = {
  from: '',
  to: '',
  rtt_ms: 40,
  available_out_bps: 2_000_000,
  bytes_up: 1,
  bytes_down: 1,
  audio: { concealed: 10, total: 240_000, jitter_buffer_ms: 30 },
  video: { frames_decoded: 150, freezes: 0, freeze_seconds: 0, fps: 30, width: 640, height: 480 },
};

test('the words follow the state first, then the figures', () => {
  expect(networkWord('reconnecting', fine)).toBe('reconnecting');
  expect(networkWord('replaced', fine)).toBe('over');
  expect(networkWord('connected', null)).toBe('good');
  expect(networkWord('connected', fine)).toBe('good');
  expect(networkWord('connected', { ...fine, rtt_ms: 900 })).toBe('weak');
  expect(networkWord('connected', { ...fine, audio: { ...fine.audio, concealed: 40_000 } })).toBe('weak');
  expect(networkWord('connected', { ...fine, video: { ...fine.video, freeze_seconds: 2 } })).toBe('weak');
  expect(networkWord('connected', { ...fine, available_out_bps: 90_000 })).toBe('audio-only');
});

test('a server without room says so, and what there is meanwhile', () => {
  expect(networkWord('waiting', null, 'none', 'call.busy')).toBe('busy');
  expect(networkWord('waiting', null, 'sound', 'call.busy')).toBe('busy-sound');
  expect(networkWord('waiting', null, 'none', 'call.restarting')).toBe('restarting');
});

test('a browser that knows no rate is not called weak', () => {
  expect(networkWord('connected', { ...fine, available_out_bps: null, rtt_ms: null })).toBe('good');
});
