//! What the process knows of jobs under way, in memory: which it has taken up, and whose turn it is.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use bianque_model::{ResourceId, TenantId};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::Lane;

/// Pages that are worked on at a time: the readers of the store stay free for people.
const AT_ONCE: usize = 2;

/// Jobs that are worked on.
pub struct Board {
    taken: Mutex<HashSet<(TenantId, Lane, ResourceId)>>,
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

    /// Takes a job up, unless another of its lane is under way in the tenant.
    pub(super) fn take(&self, tenant: TenantId, lane: Lane, id: &ResourceId) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.iter().any(|(of, in_lane, _)| *of == tenant && *in_lane == lane) {
            return false;
        }
        taken.insert((tenant, lane, id.clone()))
    }

    /// Lets it go.
    pub(super) fn let_go(&self, tenant: TenantId, lane: Lane, id: &ResourceId) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&(tenant, lane, id.clone()));
    }

    /// Waits for its turn: each page of each job takes one, first come first served, so that a small job does not wait for
    /// the end of a large one of another tenant.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it.
        self.turns.acquire().await.ok()
    }
}
