import type { CallStats, Rung } from '../api/messages';
import type { CallState } from './peer';

/** The state of the network as it is said on the screen. */
export type NetworkWord =
  | 'good'
  | 'weak'
  | 'audio-only'
  | 'sound'
  | 'reconnecting'
  | 'connecting'
  | 'busy'
  | 'busy-sound'
  | 'restarting'
  | 'over';

/** Below this a picture costs the sound more than it gives. */
const AUDIO_ONLY_BPS = 120_000;
const WEAK_BPS = 350_000;
const WEAK_RTT_MS = 500;
/** Part of the sound that had to be made up. */
const WEAK_CONCEALED = 0.08;

export function networkWord(state: CallState['state'], stats: CallStats | null, rung: Rung = 'udp', code?: string): NetworkWord {
  if (state === 'waiting') {
    if (code === 'call.restarting') return 'restarting';
    return rung === 'sound' ? 'busy-sound' : 'busy';
  }
  if (rung === 'sound' && (state === 'connecting' || state === 'reconnecting')) return 'sound';
  if (state === 'connecting') return 'connecting';
  if (state === 'reconnecting') return 'reconnecting';
  if (state !== 'connected') return 'over';
  if (!stats) return 'good';
  const { available_out_bps: bps, rtt_ms, audio, video } = stats;
  if (bps !== null && bps < AUDIO_ONLY_BPS) return 'audio-only';
  const concealed = audio.total > 0 ? audio.concealed / audio.total : 0;
  const weak =
    (bps !== null && bps < WEAK_BPS) || (rtt_ms !== null && rtt_ms > WEAK_RTT_MS) || concealed > WEAK_CONCEALED || (video.freeze_seconds ?? 0) > 1;
  return weak ? 'weak' : 'good';
}
