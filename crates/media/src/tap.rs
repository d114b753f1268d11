//! A copy of what passes through a room, for its recording.
//!
//! Nothing is copied unless everybody who is in the room has agreed: the room itself sees to that, packet by packet, so
//! that nobody who comes in is recorded before the application has even heard of them. The copy goes to a [`TapSink`]
//! on the media thread; what it has no place for is missing in the recording, and the call goes on.
//!
//! Of a picture that is sent in several layers the largest that comes is recorded, numbered on when that is another.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::format::Codec;

use crate::forward::Arrival;
use crate::id::{ParticipantId, SessionId};
use crate::layers::LayerId;
use crate::peer::Inbound;
use crate::rebase::{Numbers, Rebase};
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

/// Which encoding of a picture is copied.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    layer: Option<LayerId>,
    rebase: Rebase,
}

impl Inbound {
    /// Number and timestamp of a packet in the copy; `None` if it is of an encoding that is not copied. The copy goes over
    /// at a keyframe: to a larger one, or to any when the one that it has does not come any more.
    fn number_copy(&mut self, now: Instant, arrival: &Arrival) -> Option<(u64, u32)> {
        if self.layers.len() < 2 {
            return Some((arrival.sequence, arrival.timestamp));
        }
        let rank = |id: LayerId| self.layers.iter().position(|layer| layer.id == id);
        let comes = |id: LayerId| self.layers.iter().any(|layer| layer.id == id && layer.is_live(now));
        let better = |has: LayerId| rank(arrival.layer) > rank(has) || has != arrival.layer && !comes(has);
        if arrival.starts_keyframe && self.copied.layer.is_none_or(better) {
            self.copied.layer = Some(arrival.layer);
            self.copied.rebase.switch();
        }
        if self.copied.layer != Some(arrival.layer) {
            return None;
        }
        let (sequence, timestamp) = (arrival.sequence, arrival.timestamp);
        let numbers =
            Numbers { sequence, timestamp, clock_rate_hz: arrival.spec.clock_rate.get(), vp8: None };
        self.copied.rebase.map(now, numbers).map(|copy| (copy.sequence, copy.timestamp))
    }
}

impl Room {
    /// Taps the room, or no longer.
    pub(crate) fn set_tap(&mut self, turn: &Turn<'_>, tap: Option<Tap>) {
        let was_open = self.tap_is_open;
        self.tap = tap;
        self.look_at_tap();
        if self.tap_is_open && !was_open {
            for peer in &mut self.peers {
                let pictures = peer.inbound.iter_mut().filter(|track| track.kind == TrackKind::Video);
                for layer in pictures.flat_map(|track| &mut track.layers).filter(|l| l.is_live(turn.now)) {
                    layer.keyframe.want();
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
        if !self.tap_is_open {
            return;
        }
        // What nobody in the call hears is in no recording either.
        if self.audiences.of(who, arrival).is_some_and(<[ParticipantId]>::is_empty) {
            return;
        }
        let (session, track) = arrival.origin;
        let Some(payload) = arrival.alone().cloned() else { return };
        let sender = self.peers.iter_mut().find(|peer| peer.session == session);
        let inbound = sender.and_then(|peer| peer.inbound.iter_mut().find(|inbound| inbound.mid == track));
        let numbers = inbound.map_or(Some((arrival.sequence, arrival.timestamp)), |inbound| {
            inbound.number_copy(turn.now, arrival)
        });
        let Some((sequence, timestamp)) = numbers else { return };
        let ahead = timestamp.wrapping_sub(arrival.timestamp);
        let Some(tap) = &self.tap else { return };
        let wants_keyframe = tap.sink.take(TapPacket {
            participant: who.clone(),
            session,
            source: arrival.source,
            codec: match arrival.spec.codec {
                Codec::Opus => TapCodec::Opus,
                Codec::Vp8 => TapCodec::Vp8,
                _ => TapCodec::Other,
            },
            sequence,
            timestamp,
            at: turn.now,
            marker: arrival.marker,
            payload,
            report: arrival.report.map(|(at, clock)| (at.wrapping_add(ahead), clock)),
        });
        if wants_keyframe
            && let Some(peer) = self.peers.iter_mut().find(|peer| peer.session == session)
            && let Some(inbound) = peer.inbound.iter_mut().find(|inbound| inbound.mid == track)
            && let Some(layer) = inbound.layers.iter_mut().find(|layer| layer.id == arrival.layer)
        {
            layer.keyframe.want();
            peer.dirty = true;
        }
    }
}
