//! What just changed, for whoever watches: sockets of visits and queues.
//!
//! In memory and lossy on purpose: a watcher that falls behind reads the truth again. The outbox is what survives.

use bianque_model::{ResourceId, TenantId, UserId};
use serde_json::Value;
use tokio::sync::broadcast;

/// Watchers that lag by more than this many events are told to read again.
const BACKLOG: usize = 1024;

/// Something that changed.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Whose.
    pub tenant: TenantId,
    /// The institution of the visit.
    pub organization: ResourceId,
    /// The visit.
    pub visit: ResourceId,
    /// What.
    pub what: What,
}

/// What changed in a visit.
#[derive(Debug, Clone)]
pub enum What {
    /// The visit itself, its participants, photos or invitations: read it again.
    Visit,
    /// A message, ready to be sent to every participant.
    Message(Value),
    /// This participant's socket has to close with this code.
    Over {
        /// Whose socket; none: all of the visit.
        participant: Option<String>,
        /// Why.
        code: &'static str,
    },
}

/// The bus.
#[derive(Debug, Clone)]
pub struct Live {
    sender: broadcast::Sender<Changed>,
    ended: broadcast::Sender<Ended>,
}

/// Sessions of an account were ended; a socket of that account looks whether its own was among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Whose.
    pub tenant: TenantId,
    /// The account.
    pub user: UserId,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, ended: broadcast::channel(BACKLOG).0 }
    }
}

impl Live {
    /// Tells watchers.
    pub fn tell(&self, changed: Changed) {
        // An error only says that nobody watches.
        let _ = self.sender.send(changed);
    }

    /// Watches from now on.
    pub fn watch(&self) -> broadcast::Receiver<Changed> {
        self.sender.subscribe()
    }

    /// Tells the sockets of an account that sessions of it were ended.
    pub fn tell_ended(&self, tenant: TenantId, user: UserId) {
        // An error only says that no socket is open.
        let _ = self.ended.send(Ended { tenant, user });
    }

    /// Watches for ended sessions from now on.
    pub fn watch_ended(&self) -> broadcast::Receiver<Ended> {
        self.ended.subscribe()
    }
}
