/** What the sockets of a visit and of a day carry, as docs/api.md has it. */
import type { Chat, Photo, Visit, VisitSummary } from './messages';
import type { RungStep } from './rungs';

export type TrackSource = 'microphone' | 'camera' | 'screen';
export interface CallTrack {
  mid: string;
  participant: string;
  kind: 'audio' | 'video';
  source: TrackSource;
}
/** A server by which the browser reaches the call where UDP does not pass. */
export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}
export type CallMessageFromServer =
  | { t: 'call.answer'; sdp: string }
  | { t: 'call.offer'; sdp: string }
  | { t: 'call.tracks'; tracks: CallTrack[] }
  /** Pictures that the network does not carry beside the sound, by their lines. */
  | { t: 'call.paused'; mids: string[] }
  | { t: 'call.state'; state: 'connected' | 'disconnected' | 'rejected' | 'replaced'; code?: string; message?: string }
  /** The server will be stopped within so many seconds, and calls come back with it. */
  | { t: 'call.restart'; within_s: number }
  | { t: 'call.ice'; servers: IceServer[] };
export type FromServer =
  | { t: 'hello'; you: string; visit: Visit; chat: Chat[]; ice_servers: IceServer[] }
  | { t: 'visit'; visit: Visit }
  | { t: 'chat'; message: Chat }
  | { t: 'photo'; photo: Photo }
  | { t: 'note'; version: number; saved_at: string }
  | { t: 'opinion'; state: string }
  | { t: 'over'; code: 'visit.ended' | 'link.replaced' | 'session.ended' | 'guest.removed' | 'guest.turned-away' }
  | CallMessageFromServer;
export interface CallStats {
  from: string;
  to: string;
  rtt_ms: number | null;
  available_out_bps: number | null;
  bytes_up: number;
  bytes_down: number;
  audio: { concealed: number; total: number; jitter_buffer_ms: number | null };
  video: {
    frames_decoded: number;
    freezes: number | null;
    freeze_seconds: number | null;
    fps: number | null;
    width: number | null;
    height: number | null;
  };
}
export type MediaState = 'on' | 'off' | 'denied' | 'missing' | 'busy';
export type CallMessageFromClient =
  | { t: 'call.join'; sdp: string; sources: Record<string, TrackSource> }
  | { t: 'call.offer'; sdp: string; sources: Record<string, TrackSource> }
  | { t: 'call.answer'; sdp: string }
  | { t: 'call.view'; shown: { mid: string; side: number }[] }
  | { t: 'call.leave' };
export type FromClient =
  | CallMessageFromClient
  | ({ t: 'call.rung' } & RungStep)
  | { t: 'call.channel'; hears: string | null; speaks: string | null }
  | ({ t: 'stats' } & CallStats)
  | { t: 'media'; camera: MediaState; microphone: MediaState };
export type QueueMessage = { t: 'queue'; visits: VisitSummary[] } | { t: 'over'; code: 'session.ended' };
