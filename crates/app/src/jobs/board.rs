//! What the process knows of jobs under way, in memory: which lanes it has taken up, and whose turn it is.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bianque_model::TenantId;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::Lane;

/// Pages that are worked on at a time: the readers of the store stay free for people.
const AT_ONCE: usize = 2;

/// The jobs that are worked on: one of each lane and tenant.
pub struct Board {
    taken: Mutex<HashSet<(TenantId, Lane)>>,
    asked: Notify,
    turns: Semaphore,
}

impl Default for Board {
    fn default() -> Self {
        Self { taken: Mutex::default(), asked: Notify::new(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Board {
    /// There is a new job.
    pub(super) fn wake(&self) {
        self.asked.notify_one();
    }

    /// Waits for one.
    pub(super) async fn woken(&self) {
        self.asked.notified().await;
    }

    /// Takes a job up, unless another of its lane is under way in the tenant; it is let go when that is dropped.
    pub(super) fn take(self: &Arc<Self>, tenant: TenantId, lane: Lane) -> Option<Taken> {
        self.lock().insert((tenant, lane)).then(|| Taken { board: Arc::clone(self), of: (tenant, lane) })
    }

    /// Waits for its turn: each page of each job takes one, first come first served, so that a small job does not wait for
    /// the end of a large one of another tenant.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.turns.acquire().await.ok()
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(TenantId, Lane)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lane of a tenant, taken.
pub(super) struct Taken {
    board: Arc<Board>,
    of: (TenantId, Lane),
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.board.lock().remove(&self.of);
    }
}
