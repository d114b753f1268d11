/** The ladder of a call, as docs/api.md has it. */
import type { PersonRole } from './messages';

/** On what somebody takes part; the first three are WebRTC, the best first. */
export type Rung = 'udp' | 'tcp' | 'relay' | 'sound' | 'none';
export interface RungStep {
  from: Rung;
  to: Rung;
  cause: 'joined' | 'not-connected' | 'lost' | 'restored' | 'socket-lost';
}
export interface QualityStep extends RungStep {
  participant: string;
  role: PersonRole;
  at: string;
}
/** What one way to the media server was like before the call. */
export interface WayReport {
  rung: Exclude<Rung, 'none'>;
  passes: boolean;
  connect_ms: number | null;
  rtt_ms: number | null;
  jitter_ms: number | null;
  /** 0 to 1. */
  loss: number | null;
  /** What a test picture took; the line may carry more. */
  up_mbps: number | null;
  down_mbps: number | null;
}
