//! One sound session.

use std::time::{Duration, Instant};

use str0m::format::{Codec, CodecSpec, FormatParams};
use str0m::media::{Frequency, Mid, Pt};
use str0m::rtp::ExtensionValues;

use super::frame::SoundFrame;
use super::loudest::{Floor, SILENT_DB};
use super::sequence::Sequence;
use super::speakers::Speakers;
use crate::forward::{Arrival, Redundancy};
use crate::id::{ParticipantId, SessionId};
use crate::layers::LayerId;
use crate::link::Link;
use crate::rung::Rung;
use crate::signal::Source;
use crate::window::Meter;

/// The payload type of a session that has negotiated none; what browsers give Opus.
const OPUS: u8 = 111;

pub(crate) struct SoundSession {
    pub(crate) session: SessionId,
    pub(crate) participant: ParticipantId,
    pub(crate) link: Link,
    pub(crate) meter: Meter,
    /// Sessions whose sound was passed on to this one.
    pub(crate) reached_by: Vec<SessionId>,
    /// The others' lines take this participant's voice from here, and not from a WebRTC session.
    pub(crate) speaks: bool,
    pub(super) floor: Floor,
    pub(super) speakers: Speakers,
    sequence: Sequence,
}

impl SoundSession {
    pub(super) fn new(
        now: Instant,
        length: Duration,
        session: SessionId,
        participant: ParticipantId,
    ) -> Self {
        let mut link = Link::new(now);
        // Whoever opened the socket was authorised, and it is encrypted where HTTPS is.
        link.secured();
        Self {
            session,
            participant,
            link,
            meter: Meter::new(now, length).on(Rung::Sound),
            reached_by: Vec::new(),
            speaks: false,
            floor: Floor::default(),
            speakers: Speakers::default(),
            sequence: Sequence::default(),
        }
    }

    /// What the others' lines are bound to.
    pub(crate) fn origin(&self) -> (SessionId, Mid) {
        (self.session, Mid::from("sound"))
    }

    /// A frame as what a line forwards; `None` if it is out of order.
    pub(super) fn arrive(&mut self, now: Instant, frame: SoundFrame) -> Option<Arrival> {
        let placed = self.sequence.place(now, &frame)?;
        self.meter.packet_up(frame.opus.len());
        self.meter.missing_up(placed.lost);
        self.meter.jitter_up(self.sequence.jitter());
        Some(Arrival {
            origin: self.origin(),
            source: Source::Microphone,
            layer: LayerId::ONLY,
            payload_type: Pt::from(OPUS),
            spec: opus(),
            sequence: placed.number,
            timestamp: frame.timestamp,
            // RFC 3551, section 4.1: the first packet after a silence.
            marker: placed.begins,
            extensions: ExtensionValues {
                audio_level: i8::try_from(frame.level).ok().map(|level| -level),
                // The extension has both or none.
                voice_activity: Some(f64::from(frame.level) < -SILENT_DB),
                ..ExtensionValues::default()
            },
            payload: frame.opus,
            vp8: None,
            starts_keyframe: true,
            report: None,
            red: Redundancy::default(),
        })
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.meter.deadline().min(self.link.deadline())
    }
}

/// RFC 7587, section 7: two channels and 48 kHz, whatever is inside.
fn opus() -> CodecSpec {
    CodecSpec {
        codec: Codec::Opus,
        clock_rate: Frequency::FORTY_EIGHT_KHZ,
        channels: Some(2),
        format: FormatParams::default(),
    }
}
