//! Sound over a WebSocket, for whom WebRTC does not reach.
//!
//! A participant may have a *sound session* in place of a WebRTC session, or beside it while that is being brought
//! back. What it says goes to the microphone lines of the others as RTP, and to other sound sessions as frames; what it
//! hears are the two loudest of the others. Opus is moved from one envelope to the other and never decoded.

mod frame;
mod gate;
mod loudest;
mod room;
mod sequence;
mod session;
mod speakers;

pub use frame::{FrameError, MAX_OPUS_BYTES, SoundFrame, SoundReport, SpokenFrame};
pub use gate::{Dropped, GateCounts, SoundGate};

use std::time::Duration;

pub(crate) use loudest::Voice;
pub(crate) use session::SoundSession;

/// What comes from the socket of a sound session.
#[derive(Debug, Clone, PartialEq)]
pub enum SoundInput {
    /// A frame that passed the gate.
    Frame(SoundFrame),
    /// The client is there, and so far away.
    Heard {
        /// Round trip on the socket.
        rtt: Duration,
    },
    /// The client sends more than anybody says: the session ends.
    Flooded,
}
