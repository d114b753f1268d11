//! The rungs of the ladder: what carries a participant's media.

use serde::{Deserialize, Serialize};

use crate::remote::Transport;

/// What carries the media of a session, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// WebRTC over UDP.
    Udp,
    /// WebRTC over a TCP connection to the media port.
    Tcp,
    /// WebRTC through the TURN server in this process.
    Relay,
    /// Sound alone, over a WebSocket.
    Sound,
}

impl From<Transport> for Rung {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Udp => Self::Udp,
            Transport::Tcp => Self::Tcp,
            Transport::Relay => Self::Relay,
        }
    }
}
