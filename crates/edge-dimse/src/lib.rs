//! Associations by which modalities and workstations reach the archive, over any stream.
//!
//! An association does one thing after the other, and while it does nothing is read that it does not need: a peer that is
//! faster than the archive waits. What it holds is bounded by `bianque-dimse`; how many there are is bounded here. An
//! object that is whole is finished on a task of its own: a line that breaks cancels nothing.

mod admission;
pub mod application;
pub mod archive;
mod blocking;
mod connection;
mod sending;
mod serving;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bianque_dimse::{Negotiation, Settings, Timeouts};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};

use admission::Places;
use archive::{Archive, Line};
use connection::Connection;
pub use connection::End;
use serving::Serving;

/// What associations may hold and how long they may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Associations at a time.
    pub together: usize,
    /// Of them, those of one address and title.
    pub of_a_peer: usize,
    /// Bytes of an object.
    pub object: u64,
    /// How long things may take.
    pub timeouts: Timeouts,
}

impl Default for Limits {
    fn default() -> Self {
        let total = Some(Duration::from_hours(24));
        Self {
            together: 256,
            of_a_peer: 32,
            object: 64 << 30,
            timeouts: Timeouts { total, ..Timeouts::default() },
        }
    }
}

/// What all associations share. Cloning it is cheap.
#[derive(Clone)]
pub struct Associations<A> {
    archive: A,
    negotiation: Arc<Negotiation>,
    limits: Limits,
    places: Places,
}

impl<A: Archive> Associations<A> {
    /// Associations with an archive.
    pub fn new(archive: A, limits: Limits) -> Self {
        let places = Places::new(Arc::new(Semaphore::new(limits.together)), limits.of_a_peer);
        Self { archive, negotiation: Arc::new(Negotiation::archive()), limits, places }
    }

    /// Serves a line to its end. When `stop` turns true the operation that is under way is done and answered, and no other is
    /// begun.
    pub async fn serve(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send,
        line: Line,
        stop: watch::Receiver<bool>,
    ) {
        metrics::gauge!("bianque_dimse_associations").increment(1.0);
        let address = line.address;
        let settings = Settings { timeouts: self.limits.timeouts };
        let association = bianque_dimse::Association::acceptor(std::time::Instant::now(), settings);
        let connection = Connection::new(association, stream);
        // Large and long-lived: it lies on the heap once, and not in every future around it.
        let served = Box::pin(Serving::new(self, connection, line).run(stop)).await;
        match served {
            Ok(()) | Err(End::Stopped) => {}
            Err(end) => tracing::warn!(%address, %end, "an association of DICOM ended before its time"),
        }
        metrics::gauge!("bianque_dimse_associations").decrement(1.0);
    }
}
