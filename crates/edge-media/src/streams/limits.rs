//! How much streams may carry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Bytes per second of one stream, and of all allocations of one visit: eight people who send 1.5 Mb/s and receive
/// three others.
const STREAM_BYTES: f64 = 1_500_000.0;
const VISIT_BYTES: f64 = 6_000_000.0;
/// Allocations of one visit at a time: two for each of eight people, for the while in which one is being replaced.
const VISIT_ALLOCATIONS: usize = 16;
/// How much of a second may come at once.
const BURST_SECONDS: f64 = 1.0;

/// Lets so many bytes through in a second.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn of_stream() -> Self {
        Self::new(STREAM_BYTES, Instant::now())
    }

    fn new(rate: f64, now: Instant) -> Self {
        Self { rate, left: rate * BURST_SECONDS, at: now }
    }

    /// Takes bytes out; answers how long to wait until the next may come.
    pub(super) fn take(&mut self, bytes: usize, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + passed * self.rate).min(self.rate * BURST_SECONDS) - bytes as f64;
        if self.left >= 0.0 { Duration::ZERO } else { Duration::from_secs_f64(-self.left / self.rate) }
    }
}

/// What the allocations of one visit share.
#[derive(Debug)]
pub(super) struct Visit {
    bucket: Mutex<Bucket>,
}

impl Visit {
    /// As [`Bucket::take`].
    pub(super) fn take(&self, bytes: usize, now: Instant) -> Duration {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(bytes, now)
    }
}

/// The visits that have allocations.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<HashMap<String, Weak<Visit>>>);

impl Visits {
    /// A share in a visit's allowance, held for as long as the allocation lasts; `None` when it has as many
    /// allocations as it may have.
    pub(super) fn enter(&self, scope: &str) -> Option<Arc<Visit>> {
        let mut visits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(visit) = visits.get(scope).and_then(Weak::upgrade) {
            // Ours is one more than those that are held elsewhere.
            return (Arc::strong_count(&visit) <= VISIT_ALLOCATIONS).then_some(visit);
        }
        visits.retain(|_, visit| visit.strong_count() > 0);
        let visit = Arc::new(Visit { bucket: Mutex::new(Bucket::new(VISIT_BYTES, Instant::now())) });
        visits.insert(scope.to_owned(), Arc::downgrade(&visit));
        Some(visit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_a_burst_through_and_then_its_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(1000.0, start);
        assert_eq!(bucket.take(1000, start), Duration::ZERO);
        assert_eq!(bucket.take(500, start), Duration::from_millis(500));
        assert_eq!(bucket.take(0, start + Duration::from_millis(500)), Duration::ZERO);
        // What was not used in a long while is not saved up.
        assert_eq!(bucket.take(3000, start + Duration::from_mins(1)), Duration::from_secs(2));
    }

    #[test]
    fn a_visit_has_so_many_allocations_and_gets_them_back() {
        let visits = Visits::default();
        let mut held: Vec<_> = (0..VISIT_ALLOCATIONS).filter_map(|_| visits.enter("one")).collect();
        assert_eq!(held.len(), VISIT_ALLOCATIONS);
        assert!(visits.enter("one").is_none());
        assert!(visits.enter("another").is_some());
        held.pop();
        assert!(visits.enter("one").is_some());
        drop(held);
        assert!(visits.enter("third").is_some());
        assert_eq!(visits.0.lock().unwrap().len(), 1, "what nobody holds is forgotten");
    }
}
