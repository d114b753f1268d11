//! From the packets of a call to files that a browser plays, without decoding a frame.
//!
//! ```text
//! packets of a track ─ TrackRecorder ─ a log: WebM of one track, cluster after cluster
//! logs ─ TrackLog ─ mux ─ WebM with all tracks, its length and its index
//! ```
//!
//! A [`TrackRecorder`] puts packets in order, makes frames of them, gives them times on the clock of the recording,
//! and hands out clusters of about two seconds. A cluster is whole or not there: a log that was cut off anywhere is
//! read up to its last whole cluster. [`mux`](mux()) weaves logs into one file, with a length and an index, so that a
//! player knows how long it is and where it may jump to.
//!
//! What is recorded is what was sent: Opus (RFC 6716) and VP8 (RFC 6386), in Matroska (RFC 9559). Nothing here blocks,
//! reads a clock or opens a file. Bytes of packets are never trusted: what makes no sense is a frame that is missing.

mod clock;
mod codecs;
mod ebml;
mod log;
mod mux;
mod opus;
mod recorder;
mod reorder;
mod track;
mod vp8;

pub use codecs::codecs;
pub use log::{LogError, TrackLog};
pub use mux::{Muxed, mux};
pub use recorder::{Packet, Report, SenderClock, TrackRecorder};
pub use track::{Codec, Frame, TrackHead};

/// The clock of a recording counts from its start, ms.
pub type Millis = u64;
