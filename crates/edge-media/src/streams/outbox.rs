//! What waits to be written to a stream.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, WeakSender, channel};

/// Datagrams that may wait: half a second of a good picture.
const WAITING: usize = 256;
/// Sound that is older is not played any more, and a picture has been asked for again.
const STALE: Duration = Duration::from_millis(500);

/// A datagram, and since when it waits.
pub(crate) struct Waiting {
    since: Instant,
    bytes: Vec<u8>,
}

/// The sending side, held by the media thread.
#[derive(Clone)]
pub(crate) struct Outbox(Sender<Waiting>);

/// The sending side, for as long as a media thread holds it.
#[derive(Clone)]
pub(crate) struct WeakOutbox(WeakSender<Waiting>);

/// The receiving side, held by the stream.
pub(crate) struct Inbox(Receiver<Waiting>);

/// What became of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Taken,
    /// The stream is behind; the datagram is lost.
    Full,
    /// The stream has ended.
    Gone,
}

pub(crate) fn outbox() -> (Outbox, Inbox) {
    let (sender, receiver) = channel(WAITING);
    (Outbox(sender), Inbox(receiver))
}

impl Outbox {
    pub(crate) fn put(&self, bytes: Vec<u8>) -> Put {
        match self.0.try_send(Waiting { since: Instant::now(), bytes }) {
            Ok(()) => Put::Taken,
            Err(TrySendError::Full(_)) => Put::Full,
            Err(TrySendError::Closed(_)) => Put::Gone,
        }
    }

    pub(crate) fn downgrade(&self) -> WeakOutbox {
        WeakOutbox(self.0.downgrade())
    }

    /// The stream has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}

impl WeakOutbox {
    pub(crate) fn upgrade(&self) -> Option<Outbox> {
        self.0.upgrade().map(Outbox)
    }
}

impl Inbox {
    /// Waits for datagrams and takes all that wait, without those that have waited for too long. `None` when nobody is
    /// left to send any.
    pub(super) async fn take(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut waiting = Vec::new();
        if self.0.recv_many(&mut waiting, WAITING).await == 0 {
            return None;
        }
        let now = Instant::now();
        let fresh = waiting.into_iter().filter(|one| now.saturating_duration_since(one.since) < STALE);
        Some(fresh.map(|one| one.bytes).collect())
    }
}
