//! Calls over streams, where UDP does not pass: ICE over TCP (RFC 6544), and TURN inside TLS (RFC 8656).
//!
//! A stream is a task of the caller's runtime. It cuts datagrams out of its bytes and hands them to the media thread
//! that they are for over a bounded channel; what the thread sends it comes back over another. Both drop what is too
//! much, as a network would: a stream that cannot keep up loses packets, and delays nobody else.

mod lane;
mod limits;
mod outbox;
mod pump;
mod tcp;
mod turn;

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use bianque_media::{Credential, Remote, TurnSecret, TurnServer};

use crate::shards::Shards;
use limits::Visits;
pub(crate) use outbox::{Outbox, Put};

/// Until a stream has shown that it means a call.
const OPENING: Duration = Duration::from_secs(10);
/// A client that is there sends a consent check at least every few seconds (RFC 7675), and its browser may sleep for a
/// while.
const SILENCE: Duration = Duration::from_secs(45);

/// What streams tell the media thread.
pub(crate) enum Arrival {
    /// A stream begins; datagrams for it go into its outbox.
    Open(Remote, Outbox),
    /// A datagram came.
    Datagram(Remote, Vec<u8>),
}

/// Serves streams. A clone is the same.
#[derive(Clone)]
pub struct Streams {
    shards: Arc<Shards>,
    turn: Arc<TurnServer>,
    /// Numbers of allocations; an address is not used twice before four thousand million others.
    allocations: Arc<AtomicU32>,
    visits: Arc<Visits>,
}

impl Streams {
    pub(crate) fn new(shards: Arc<Shards>, secret: [u8; 32], peers: Vec<std::net::SocketAddr>) -> Self {
        Self {
            shards,
            turn: Arc::new(TurnServer::new(TurnSecret::new(secret), peers)),
            allocations: Arc::default(),
            visits: Arc::default(),
        }
    }

    /// TURN credentials for one visit, good until `ends_unix_s`.
    pub fn credential(&self, scope: &str, ends_unix_s: u64) -> Credential {
        self.turn.credential(scope, ends_unix_s)
    }
}
