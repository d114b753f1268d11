//! Rooms, routing and statistics of calls over str0m, without sockets and without a clock.
//!
//! # Contract
//!
//! [`Core`] is a machine that is driven with `handle_*` and drained with [`Core::poll_output`]:
//!
//! 1. Call any number of `handle_*` methods, each with the present [`std::time::Instant`], which never steps back.
//! 2. Call [`Core::poll_output`] until it answers `None`; carry out each [`Output`] in order.
//! 3. Wait for a datagram, a command or [`Core::next_timeout`], whichever is first; go to 1.
//!
//! No method blocks, reads a clock, opens a socket or takes a lock. Bytes from the network are never trusted: a
//! datagram that means nothing is counted and dropped, an SDP that means nothing is a [`CallState::Rejected`] to its
//! own session. Neither ends anybody else's call.
//!
//! # Negotiation
//!
//! A client joins with one offer that holds what it sends. What the others send reaches it through offers of the
//! server. When both offer at once **the client's offer wins**: the client ignores the server's offer while its own
//! is open, and the server drops its open offer when one of the client arrives, answers, and offers again.
//! Muting and changing a device are `replaceTrack` in the browser and need no negotiation.
//!
//! The media lines that carry other people's tracks are kept and used again: when somebody leaves, their lines go
//! inactive; when somebody comes, idle lines of the right kind are taken first. A participant who joins again, for
//! example after a reload, replaces the earlier session, and what the others receive continues on the same lines
//! with no new negotiation at all.
//!
//! # Sound alone
//!
//! Whom WebRTC does not reach takes part by a sound session: [`Core::handle_join_sound`], frames in by
//! [`Core::handle_sound`], frames out as [`MediaEvent::Sound`]. A participant may have both kinds of session at once;
//! the others' lines then carry the voice of that one of which something is heard, WebRTC first, and are numbered on
//! when it changes. A listener on sound gets the two loudest of the others, and nothing while they are silent.
//!
//! # Recording
//!
//! A [`Tap`] takes a copy of every packet of a room while everybody in it has agreed; see [`TapSink`].
//!
//! # Pictures
//!
//! A client may send a picture in several encodings (simulcast), stated smallest first. Each receiver gets one of them,
//! chosen by what it shows ([`Command::View`]) and by what its link carries; sound comes first, and a picture for which
//! there is no room is paused and its client told ([`ServerSignal::Paused`]). `layers` has the whole of it. Opus with
//! redundancy passes between clients that agreed to it, and is unpacked for all others (`red`).
//!
//! # Seams
//!
//! Relayed (TURN) clients reach [`Core::handle_datagram`] with a virtual source address. Who is to hear or see whom is
//! decided by the lines that `Room::route` binds; what a line then carries of its track, by `layers`. Rooms do not know
//! each other, so they can be spread over threads: the tables that find a room by address and by ICE user fragment are apart.

mod audience;
mod control;
mod core;
mod demux;
mod forward;
mod framing;
mod id;
mod keyframe;
mod layers;
mod link;
mod members;
mod negotiation;
mod pace;
mod peer;
mod rebase;
mod red;
mod remote;
mod room;
mod rung;
mod signal;
mod sound;
mod tap;
mod turn;
mod window;

pub use crate::control::{Audience, Command, EventSink, IceServer, Join, JoinSound, MediaControl, Refused};
pub use crate::core::{Config, Core, Counters, Output};
pub use crate::demux::{Claim, Key};
pub use crate::framing::{Cut, Framing, MAX_DATAGRAM};
pub use crate::id::{ParticipantId, RoomId, SessionId};
pub use crate::remote::{Remote, Transport};
pub use crate::rung::Rung;
pub use crate::signal::{
    CallState, ClientSignal, EndReason, MediaEvent, RejectCode, ServerSignal, Shown, Source, Speaker, Track,
    TrackKind,
};
pub use crate::sound::{
    Dropped, FrameError, GateCounts, MAX_OPUS_BYTES, SoundFrame, SoundGate, SoundInput, SoundReport,
    SpokenFrame,
};
pub use crate::tap::{Tap, TapCodec, TapPacket, TapSink};
pub use crate::turn::{Credential, NotTurn, Step, Turn, TurnSecret, TurnServer};
pub use crate::window::{Estimate, EstimateSource, StatsWindow};
