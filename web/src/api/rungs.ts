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
