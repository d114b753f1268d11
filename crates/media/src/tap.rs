//! A copy of what passes through a room, for its recording.
//!
//! Nothing is copied unless everybody who is in the room has agreed: the room itself sees to that, packet by packet, so
//! that nobody who comes in is recorded before the application has even heard of them. The copy goes to a [`TapSink`]
//! on the media thread; what it has no place for is missing in the recording, and the call goes on.
//!
//! One layer of a picture that is sent in several is recorded: what reaches [`Room::pass_on`] as one track is one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::format::Codec;

use crate::forward::Arrival;
use crate::id::{ParticipantId, SessionId};
use crate::room::{Room, Turn};
use crate::signal::{Source, TrackKind};

/// Who agreed to be recorded, and who takes the copy.
#[derive(Clone)]
pub struct Tap {
    /// While anybody else is in the room nothing is copied.
    pub agreed: BTreeSet<ParticipantId>,
    /// Takes the copy.
    pub sink: Arc<dyn TapSink>,
}

/// Takes copies of packets. It is called on the media thread: it must not block and must not take long.
pub trait TapSink: Send + Sync {
    /// Takes one. Answers whether a key frame of its track is wanted.
    fn take(&self, packet: TapPacket) -> bool;
}

/// A packet of a participant.
#[derive(Debug, Clone)]
pub struct TapPacket {
    /// Whose.
    pub participant: ParticipantId,
    /// The connection that it came by: numbers and timestamps of another one begin anew.
    pub session: SessionId,
    /// What it shows or lets hear.
    pub source: Source,
    /// How it is coded.
    pub codec: TapCodec,
    /// Its number, which never wraps.
    pub sequence: u64,
    /// Its timestamp, in the clock of its codec.
    pub timestamp: u32,
    /// When it came.
    pub at: Instant,
    /// RFC 3550, section 5.1: the last packet of a picture, the first behind a silence.
    pub marker: bool,
    /// What it carries.
    pub payload: Arc<[u8]>,
    /// What its sender told last: a timestamp of this track, and the time of its own clock at it.
    pub report: Option<(u32, SystemTime)>,
}

/// How a packet is coded, as far as recordings tell codecs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapCodec {
    /// Opus.
    Opus,
    /// VP8.
    Vp8,
    /// Something that is not recorded.
    Other,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tap").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}

impl Room {
    /// Taps the room, or no longer.
    pub(crate) fn set_tap(&mut self, tap: Option<Tap>) {
        let was_open = self.tap_is_open;
        self.tap = tap;
        self.look_at_tap();
        if self.tap_is_open && !was_open {
            for peer in &mut self.peers {
                for track in peer.inbound.iter_mut().filter(|track| track.kind == TrackKind::Video) {
                    track.keyframe.want();
                    peer.dirty = true;
                }
            }
        }
    }

    /// Somebody came or left.
    pub(crate) fn look_at_tap(&mut self) {
        let here = self.peers.iter().map(|peer| &peer.participant);
        let mut here = here.chain(self.sounds.iter().map(|sound| &sound.participant));
        self.tap_is_open =
            self.tap.as_ref().is_some_and(|tap| here.all(|participant| tap.agreed.contains(participant)));
    }

    /// Copies a packet of a participant.
    pub(crate) fn copy_to_tap(&mut self, turn: &Turn<'_>, who: &ParticipantId, arrival: &Arrival) {
        let Some(tap) = self.tap.as_ref().filter(|_| self.tap_is_open) else { return };
        // What nobody in the call hears is in no recording either.
        if self.audiences.of(who, arrival).is_some_and(<[ParticipantId]>::is_empty) {
            return;
        }
        let (session, track) = arrival.origin;
        let wants_keyframe = tap.sink.take(TapPacket {
            participant: who.clone(),
            session,
            source: arrival.source,
            codec: match arrival.spec.codec {
                Codec::Opus => TapCodec::Opus,
                Codec::Vp8 => TapCodec::Vp8,
                _ => TapCodec::Other,
            },
            sequence: arrival.sequence,
            timestamp: arrival.timestamp,
            at: turn.now,
            marker: arrival.marker,
            payload: Arc::clone(&arrival.payload),
            report: arrival.report,
        });
        if wants_keyframe
            && let Some(peer) = self.peers.iter_mut().find(|peer| peer.session == session)
            && let Some(inbound) = peer.inbound.iter_mut().find(|inbound| inbound.mid == track)
        {
            inbound.keyframe.want();
            peer.dirty = true;
        }
    }
}
