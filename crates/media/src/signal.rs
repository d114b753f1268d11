//! What the signalling socket carries: the messages of `docs/api.md` whose `t` begins with `call.`.

use std::collections::BTreeMap;

use bianque_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::Command;
use crate::id::{ParticipantId, SessionId};
use crate::window::StatsWindow;

/// What a track shows or lets hear, as its sender states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A microphone: audio.
    Microphone,
    /// A camera: video.
    Camera,
    /// A shared screen or window: video.
    Screen,
}

impl Source {
    /// The kind of media that this source gives.
    pub fn kind(self) -> TrackKind {
        match self {
            Self::Microphone => TrackKind::Audio,
            Self::Camera | Self::Screen => TrackKind::Video,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Microphone => "microphone",
            Self::Camera => "camera",
            Self::Screen => "screen",
        }
    }
}

/// Audio or video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// From the client to the server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "t")]
pub enum ClientSignal {
    /// Enter the call with an offer of what the client sends.
    #[serde(rename = "call.join")]
    Join {
        /// The offer.
        sdp: String,
        /// Source of each media line that the client sends, by its `mid`.
        #[serde(default)]
        sources: BTreeMap<String, Source>,
    },
    /// Change what the client sends, or restart ICE.
    #[serde(rename = "call.offer")]
    Offer {
        /// The offer.
        sdp: String,
        /// Source of each media line that the client sends, by its `mid`.
        #[serde(default)]
        sources: BTreeMap<String, Source>,
    },
    /// The answer to the server's last offer.
    #[serde(rename = "call.answer")]
    Answer {
        /// The answer.
        sdp: String,
    },
    /// What the client shows of what it receives. Before the first of these it gets everything at its largest.
    #[serde(rename = "call.view")]
    View {
        /// The pictures that are on screen; those that are not named are not sent.
        shown: Vec<Shown>,
    },
    /// Hang up.
    #[serde(rename = "call.leave")]
    Leave,
}

impl ClientSignal {
    /// What it asks of the call that the client is in; `None` for a join, which begins one.
    pub fn within(self, session: SessionId) -> Option<Command> {
        match self {
            Self::Join { .. } => None,
            Self::Offer { sdp, sources } => Some(Command::Offer { session, sdp, sources }),
            Self::Answer { sdp } => Some(Command::Answer { session, sdp }),
            Self::View { shown } => Some(Command::View { session, shown }),
            Self::Leave => Some(Command::Leave { session }),
        }
    }
}

/// A picture on the screen of a client.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Shown {
    /// The media line that carries it.
    pub mid: String,
    /// The shorter side of the picture as it is shown, in pixels of the device.
    pub side: u32,
}

/// From the server to one client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "t")]
pub enum ServerSignal {
    /// The answer to the client's offer.
    #[serde(rename = "call.answer")]
    Answer {
        /// The answer.
        sdp: String,
    },
    /// An offer of the server: the tracks of others came or went.
    #[serde(rename = "call.offer")]
    Offer {
        /// The offer.
        sdp: String,
    },
    /// Whose track each media line of this client carries. Sent before the offer that opens a line.
    #[serde(rename = "call.tracks")]
    Tracks {
        /// All tracks, not only those that changed.
        tracks: Vec<Track>,
    },
    /// Whose voice the frames of each speaker's number are; to sound sessions, before the first frame of a speaker.
    #[serde(rename = "call.speakers")]
    Speakers {
        /// All speakers, not only those that changed.
        speakers: Vec<Speaker>,
    },
    /// The pictures that the link does not carry beside the sound, and that are therefore not sent at present.
    #[serde(rename = "call.paused")]
    Paused {
        /// Their media lines: all of them, not only those that changed.
        mids: Vec<String>,
    },
    /// How the client's session is.
    #[serde(rename = "call.state")]
    State(CallState),
    /// The server will be stopped, and calls end, at the latest in so many seconds. They come back with the server.
    #[serde(rename = "call.restart")]
    Restart {
        /// Seconds until then.
        within_s: u64,
    },
}

/// One whom a sound session hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Speaker {
    /// The number in their frames.
    pub number: u8,
    /// Who they are.
    pub participant: ParticipantId,
}

/// One track that a client receives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Track {
    /// The media line in this client's session description.
    pub mid: String,
    /// Who sends it.
    pub participant: ParticipantId,
    /// Audio or video.
    pub kind: TrackKind,
    /// What it shows.
    pub source: Source,
}

/// The state of a session, as its client is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum CallState {
    /// Media can flow.
    Connected,
    /// Media stopped. With `silent` the session is kept for a while and an ICE restart revives it; with any other
    /// code it is over.
    Disconnected {
        /// Why.
        code: EndReason,
        /// A sentence for a log, not for a person.
        message: &'static str,
    },
    /// A message of the client was refused. A refused join leaves no session; a refused offer or answer leaves the
    /// call as it was.
    Rejected {
        /// Why.
        code: RejectCode,
        /// What was wrong, for a log.
        message: String,
    },
    /// The same participant joined again elsewhere; this session is over.
    Replaced,
}

/// Why media stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// Nothing was heard from the client for some seconds. It may come back.
    Silent,
    /// Nothing was heard for so long that the session was dropped, or it never connected.
    TimedOut,
    /// The client hung up.
    Left,
    /// The room was closed.
    RoomClosed,
    /// The transport failed for good.
    Failed,
    /// The client sent more than anybody says.
    Flooding,
    /// The server is being stopped. The call comes back with it.
    Restarting,
    /// The participant was put out of the call.
    Dismissed,
}

impl EndReason {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Silent => "nothing is heard from the client",
            Self::TimedOut => "nothing was heard from the client for too long",
            Self::Left => "the client left",
            Self::RoomClosed => "the call was closed",
            Self::Failed => "the secure transport failed",
            Self::Flooding => "the client sent too much",
            Self::Restarting => "the server is being stopped",
            Self::Dismissed => "the participant was put out of the call",
        }
    }
}

/// Why a message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectCode {
    /// The session description could not be read or makes no sense here.
    MalformedSdp,
    /// The session description is larger, or has more media lines, than a call needs.
    SdpTooLarge,
    /// The sources do not fit the media lines.
    BadSources,
    /// The room has as many participants as it may have.
    RoomFull,
    /// An answer came that no offer asked for.
    UnexpectedAnswer,
}

/// What the core tells about one session.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaEvent {
    /// To be sent to the client.
    Signal(ServerSignal),
    /// A binary message for the socket of a sound session: a [`crate::SpokenFrame`]. Where messages wait, the oldest of
    /// these is the one to drop.
    Sound(Vec<u8>),
    /// Statistics of up to five seconds, for the quality of the visit.
    Window(StatsWindow),
    /// For the first time in this session media has been passed on both to and from another participant.
    TwoWay {
        /// The other one.
        with: ParticipantId,
        /// When the second direction began.
        at: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_the_shapes_of_the_api() {
        let state = ServerSignal::State(CallState::Disconnected {
            code: EndReason::RoomClosed,
            message: EndReason::RoomClosed.message(),
        });
        assert_eq!(
            serde_json::to_string(&state).unwrap(),
            r#"{"t":"call.state","state":"disconnected","code":"room-closed","message":"the call was closed"}"#
        );
        let tracks = ServerSignal::Tracks {
            tracks: vec![Track {
                mid: "a".into(),
                participant: "p".into(),
                kind: TrackKind::Audio,
                source: Source::Microphone,
            }],
        };
        assert_eq!(
            serde_json::to_string(&tracks).unwrap(),
            r#"{"t":"call.tracks","tracks":[{"mid":"a","participant":"p","kind":"audio","source":"microphone"}]}"#
        );
        let join: ClientSignal =
            serde_json::from_str(r#"{"t":"call.join","sdp":"v=0","sources":{"0":"camera"}}"#).unwrap();
        assert_eq!(
            join,
            ClientSignal::Join { sdp: "v=0".into(), sources: [("0".into(), Source::Camera)].into() }
        );
        let paused = ServerSignal::Paused { mids: vec!["3".into()] };
        assert_eq!(serde_json::to_string(&paused).unwrap(), r#"{"t":"call.paused","mids":["3"]}"#);
        assert_eq!(
            serde_json::from_str::<ClientSignal>(r#"{"t":"call.view","shown":[{"mid":"3","side":360}]}"#)
                .unwrap(),
            ClientSignal::View { shown: vec![Shown { mid: "3".into(), side: 360 }] }
        );
        assert_eq!(
            serde_json::from_str::<ClientSignal>(r#"{"t":"call.leave"}"#).unwrap(),
            ClientSignal::Leave
        );
        assert!(serde_json::from_str::<ClientSignal>(r#"{"t":"call.dance"}"#).is_err());
    }
}
