//! Who listens to which subscription over a socket: in memory, for a socket is gone with the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bianque_model::{ResourceId, TenantId};
use tokio::sync::Notify;

/// Words that wait for one socket and one subscription; beyond it, it was told often enough.
const WAITING: u32 = 100;

/// The sockets of all subscriptions.
#[derive(Debug, Default)]
pub struct Hub(Mutex<HashMap<(TenantId, ResourceId), Vec<Weak<Ear>>>>);

/// One socket's ear.
#[derive(Debug, Default)]
pub struct Ear {
    heard: Mutex<BTreeMap<ResourceId, Heard>>,
    bell: Notify,
}

/// What was heard of a subscription.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// How often something matched.
    pub pings: u32,
    /// It has ended.
    pub over: bool,
}

impl Hub {
    /// Listens to a subscription.
    pub fn listen(&self, tenant: TenantId, id: &ResourceId, ear: &Arc<Ear>) {
        let mut all = locked(&self.0);
        let ears = all.entry((tenant, id.clone())).or_default();
        ears.retain(|other| other.upgrade().is_some_and(|other| !Arc::ptr_eq(&other, ear)));
        ears.push(Arc::downgrade(ear));
    }

    /// Something matched.
    pub(super) fn ping(&self, tenant: TenantId, id: &ResourceId) {
        self.tell(tenant, id, |heard| heard.pings = (heard.pings + 1).min(WAITING));
    }

    /// It has ended.
    pub(super) fn over(&self, tenant: TenantId, id: &ResourceId) {
        self.tell(tenant, id, |heard| heard.over = true);
    }

    fn tell(&self, tenant: TenantId, id: &ResourceId, what: impl Fn(&mut Heard)) {
        let mut all = locked(&self.0);
        let key = (tenant, id.clone());
        let Some(ears) = all.get_mut(&key) else { return };
        ears.retain(|ear| {
            let Some(ear) = ear.upgrade() else { return false };
            what(locked(&ear.heard).entry(id.clone()).or_default());
            ear.bell.notify_one();
            true
        });
        if ears.is_empty() {
            all.remove(&key);
        }
    }
}

impl Ear {
    /// What was heard since the last time, as soon as there is something.
    pub async fn heard(&self) -> BTreeMap<ResourceId, Heard> {
        loop {
            let heard = std::mem::take(&mut *locked(&self.heard));
            if !heard.is_empty() {
                return heard;
            }
            self.bell.notified().await;
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
