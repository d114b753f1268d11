//! How far a session's transport is driven, and when.
//!
//! A transport that was given a packet wants to be called and asked until it has nothing more to say. Most of what a
//! packet costs is that: it has timers of some ten kinds to look at, and looks at them each time. What a media packet
//! changes for the others is only itself, so a session is asked for it and no further; the rest is asked for all at
//! once a few milliseconds later, in the same moment for everybody in the room. What cannot wait is not put off: checks
//! of the connection, reports of receivers, and whatever the pacer has to send at its time.

use std::time::{Duration, Instant};

use str0m::{Event, Input, Output as RtcOutput, PacerReason, Reason};

use crate::core::{Output, RoomKey};
use crate::peer::Peer;
use crate::remote::Remote;
use crate::room::{Room, Turn};

/// Between two moments in which a room does what can wait.
const STEP: Duration = Duration::from_millis(10);
/// How long it waits at the least: a packet just before such a moment would gain nothing from it.
const LEAST: Duration = Duration::from_millis(4);
/// A transport that asks to be called again at once more often than this in one go has lost its way, or has very much
/// to send; either way the others get their turn first.
const MAX_IMMEDIATE_CALLS: u32 = 256;

/// What is this near is now.
const AT_ONCE: Duration = Duration::from_micros(100);
/// What is due sooner waits so long: others get their turn.
const A_MOMENT: Duration = Duration::from_micros(500);

/// The moments in which a room does what can wait. Rooms have different ones, so that not all of them are due at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beat {
    first: Instant,
}

impl Beat {
    pub(crate) fn new(epoch: Instant, room: RoomKey) -> Self {
        // A prime, so that neighbours are apart.
        let phase_us = room.0.wrapping_mul(3_701) % 10_000;
        Self { first: epoch + Duration::from_micros(phase_us) }
    }

    /// The first moment that is not before `at`.
    fn at_or_after(self, at: Instant) -> Instant {
        let passed = at.saturating_duration_since(self.first).as_micros();
        let steps = passed.div_ceil(STEP.as_micros());
        self.first + STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX))
    }
}

/// What a transport said when it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A media packet that was written to it goes out.
    Media,
    /// A media packet came in.
    Packet,
    /// Something else happened or goes out.
    Other,
    /// Nothing more before then.
    Nothing(Instant),
    /// It is dead.
    Failed,
}

impl Room {
    /// Drives a session as far as it goes; what it received goes to the lines of the others, who get something to send.
    pub(crate) fn drain(&mut self, turn: &mut Turn<'_>, index: usize) {
        let peer = &mut self.peers[index];
        peer.dirty = false;
        peer.put_off = false;
        peer.request_keyframes(turn.now);
        if std::mem::take(&mut peer.written) > 0 {
            peer.call(turn.now);
        }
        let mut immediate = 0;
        loop {
            match self.ask(turn, index) {
                Said::Media | Said::Packet | Said::Other => {}
                Said::Nothing(at) if immediate < MAX_IMMEDIATE_CALLS && self.is_at_once(turn, index, at) => {
                    immediate += 1;
                    self.peers[index].call(at.max(turn.now));
                }
                Said::Nothing(at) => {
                    self.peers[index].wait_until(turn, at);
                    return;
                }
                Said::Failed => return,
            }
        }
    }

    /// Asks a session for the media packet that it was just given, and puts the rest off.
    pub(crate) fn take_packet(&mut self, turn: &mut Turn<'_>, index: usize) {
        loop {
            match self.ask(turn, index) {
                Said::Packet | Said::Nothing(_) => break,
                Said::Media | Said::Other => {}
                Said::Failed => return,
            }
        }
        self.peers[index].put_off(turn);
    }

    /// After a report that asks for nothing.
    pub(crate) fn take_report(&mut self, turn: &mut Turn<'_>, index: usize) {
        self.peers[index].put_off(turn);
    }

    /// Asks a session for the media packets that were written to it, and puts the rest off.
    pub(crate) fn send_written(&mut self, turn: &mut Turn<'_>, index: usize) {
        let peer = &mut self.peers[index];
        let mut left = std::mem::take(&mut peer.written);
        peer.call(turn.now);
        let mut immediate = 0;
        while left > 0 {
            match self.ask(turn, index) {
                Said::Media => left -= 1,
                Said::Packet | Said::Other => {}
                Said::Nothing(at) if immediate < MAX_IMMEDIATE_CALLS && self.is_at_once(turn, index, at) => {
                    immediate += 1;
                    self.peers[index].call(at.max(turn.now));
                }
                // It keeps the packets back, and says until when.
                Said::Nothing(at) => {
                    self.peers[index].wait_until(turn, at);
                    return;
                }
                Said::Failed => return,
            }
        }
        self.peers[index].put_off(turn);
    }

    /// Whether a transport wants to be called now. A pacer says a microsecond from now when it means this moment: it gives
    /// out one packet for each call.
    fn is_at_once(&self, turn: &Turn<'_>, index: usize, at: Instant) -> bool {
        use PacerReason::{FirstEver, Immediate, Unpaced};
        let reason = self.peers[index].rtc.last_timeout_reason();
        let paced_out = matches!(reason, Reason::Pacer(FirstEver | Immediate | Unpaced));
        at <= turn.now || paced_out && at <= turn.now + AT_ONCE
    }

    fn ask(&mut self, turn: &mut Turn<'_>, index: usize) -> Said {
        let peer = &mut self.peers[index];
        match peer.rtc.poll_output() {
            Ok(RtcOutput::Transmit(transmit)) => {
                let to = Remote::of(transmit.proto, transmit.destination);
                let bytes: Vec<u8> = transmit.contents.into();
                let said = if peer.is_written_media(&bytes) { Said::Media } else { Said::Other };
                turn.counters.datagrams_out += 1;
                turn.outputs.push_back(Output::Transmit { to, bytes });
                said
            }
            Ok(RtcOutput::Event(Event::RtpPacket(packet))) => {
                self.forward(turn, index, packet);
                Said::Packet
            }
            Ok(RtcOutput::Event(event)) => {
                self.take_event(index, event);
                Said::Other
            }
            Ok(RtcOutput::Timeout(at)) => Said::Nothing(at),
            Err(error) => {
                tracing::debug!(session = %peer.session, %error, "transport failed");
                peer.rtc.disconnect();
                peer.link.closed();
                peer.transport_deadline = turn.now + Duration::from_secs(1);
                Said::Failed
            }
        }
    }
}

impl Peer {
    /// Lets the transport do what is due at `at`. It takes no time that is before one that it was told.
    pub(crate) fn call(&mut self, at: Instant) {
        self.called = self.called.max(at);
        // An error leaves the transport dead, which is found when it is asked.
        let _ = self.rtc.handle_input(Input::Timeout(self.called));
    }

    /// The transport has said all there is, and wants to be called at `at`.
    fn wait_until(&mut self, turn: &Turn<'_>, at: Instant) {
        self.transport_deadline = if is_exact(self.rtc.last_timeout_reason()) {
            at.max(turn.now + A_MOMENT)
        } else {
            turn.beat.at_or_after(at.max(turn.now + LEAST))
        };
    }

    /// The transport was not asked for everything: it will be, soon.
    fn put_off(&mut self, turn: &Turn<'_>) {
        if !self.put_off {
            self.put_off = true;
            let soon = turn.beat.at_or_after(turn.now + LEAST);
            let exact = is_exact(self.rtc.last_timeout_reason());
            self.transport_deadline = if exact { self.transport_deadline.min(soon) } else { soon };
        }
    }

    /// Whether a datagram is a packet of somebody's media, neither a repetition nor padding: those carry payload types or
    /// a source (RFC 3550, section 5.1) of their own.
    fn is_written_media(&self, datagram: &[u8]) -> bool {
        let Some([first, second, _, _, _, _, _, _, source @ ..]) = datagram.first_chunk::<12>() else {
            return false;
        };
        let ours = |line: &crate::peer::Outbound| {
            line.payload_types.iter().any(|(_, ours)| ours.is_some_and(|pt| *pt == second & 0x7f))
        };
        is_media(*first, *second) && *source != [0; 4] && self.outbound.iter().any(ours)
    }
}

/// Whether a datagram that begins so is a media packet (RFC 7983, section 7; RFC 5761, section 4).
pub(crate) fn is_media(first: u8, second: u8) -> bool {
    (128..192).contains(&first) && !(192..224).contains(&second)
}

/// Whether it is media or a report on media (RFC 7983, section 7).
pub(crate) fn is_of_media(datagram: &[u8]) -> bool {
    matches!(datagram, [128..192, ..])
}

/// Whether it is a report of when packets arrived (draft-holmer-rmcat-transport-wide-cc-extensions, section 3.1): some
/// come in every tenth of a second, and nothing is sent in answer to one.
pub(crate) fn is_arrival_report(first: u8, second: u8) -> bool {
    second == 205 && first & 0xdf == 0x8f
}

/// Whether the transport has something to send at its own pace: put off it would come in bursts.
fn is_exact(reason: Reason) -> bool {
    use PacerReason::{Paced, Padding, Probe1, Probe2};
    matches!(reason, Reason::Pacer(Probe1 | Probe2 | Paced | Padding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_of_a_room_are_a_step_apart_and_those_of_rooms_differ() {
        let epoch = Instant::now();
        let beat = Beat::new(epoch, RoomKey(1));
        let now = epoch + Duration::from_millis(500);
        let next = beat.at_or_after(now);
        assert!((now..now + STEP).contains(&next));
        assert_eq!(beat.at_or_after(next), next);
        assert_eq!(beat.at_or_after(next + Duration::from_micros(1)), next + STEP);
        assert_ne!(Beat::new(epoch, RoomKey(2)).at_or_after(now), next);
    }

    #[test]
    fn reports_and_checks_are_no_media() {
        assert!(is_media(0x80, 96) && is_media(0x90, 0xef));
        assert!(!is_media(0x80, 200) && !is_media(0x81, 206));
        assert!(!is_media(0, 1) && !is_media(22, 254));
        assert!(is_arrival_report(0x8f, 205) && is_arrival_report(0xaf, 205));
        assert!(!is_arrival_report(0x81, 205) && !is_arrival_report(0x8f, 206));
    }
}
