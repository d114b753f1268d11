//! How many requests go out at a time: in all, and to one host, so that no host takes all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests at a time.
const ALL: usize = 64;
/// Of these to one host.
const OF_A_HOST: usize = 8;

/// Where requests go out.
#[derive(Debug)]
pub(super) struct Gate {
    all: Arc<Semaphore>,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// The way out for one request.
#[derive(Debug)]
pub(super) struct Pass(
    #[expect(dead_code, reason = "held until the request is over")] [Option<OwnedSemaphorePermit>; 2],
);

impl Default for Gate {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(ALL)), hosts: Mutex::default() }
    }
}

impl Gate {
    /// Waits for a way out to a host.
    pub(super) async fn pass(&self, host: &str) -> Pass {
        // They are never closed. Who waits for a host takes no way from others.
        let of_host = self.of(host).acquire_owned().await.ok();
        Pass([of_host, Arc::clone(&self.all).acquire_owned().await.ok()])
    }

    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.get(host).and_then(Weak::upgrade) {
            return known;
        }
        hosts.retain(|_, known| known.strong_count() > 0);
        let new = Arc::new(Semaphore::new(OF_A_HOST));
        hosts.insert(host.to_owned(), Arc::downgrade(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_host_that_holds_all_its_ways_takes_none_of_anothers() {
        let gate = Gate::default();
        let mut held = Vec::new();
        for _ in 0..OF_A_HOST {
            held.push(gate.pass("slow.example:443").await);
        }
        let slow = tokio::time::timeout(Duration::from_millis(20), gate.pass("slow.example:443")).await;
        assert!(slow.is_err());
        let other = tokio::time::timeout(Duration::from_secs(5), gate.pass("other.example:443")).await;
        assert!(other.is_ok());
        held.pop();
        assert!(tokio::time::timeout(Duration::from_secs(5), gate.pass("slow.example:443")).await.is_ok());
    }
}
