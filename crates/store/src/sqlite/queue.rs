//! The queue in front of a writer: two bounded lanes, people before machines.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::Priority;

/// How long a thread looks for the next item before it sleeps.
const LINGER: Duration = Duration::from_micros(50);

/// Two bounded lanes between many callers and one thread.
pub(super) struct Queue<T> {
    lanes: Mutex<Lanes<T>>,
    arrived: Condvar,
    interactive: Semaphore,
    bulk: Semaphore,
}

struct Lanes<T> {
    interactive: VecDeque<T>,
    bulk: VecDeque<T>,
    closed: bool,
}

/// Why an item was not taken; it is given back.
pub(super) enum Refused<T> {
    /// The lane is full.
    Full(T),
    /// The writer has stopped.
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(waiting: usize) -> Self {
        let waiting = waiting.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            lanes: Mutex::new(Lanes { interactive: VecDeque::new(), bulk: VecDeque::new(), closed: false }),
            arrived: Condvar::new(),
            interactive: Semaphore::new(waiting),
            bulk: Semaphore::new(waiting),
        }
    }

    /// Puts an item in when there is room.
    pub(super) fn offer(&self, priority: Priority, item: T) -> Result<(), Refused<T>> {
        match self.room(priority).try_acquire() {
            Ok(permit) => {
                permit.forget();
                self.push(priority, item)
            }
            Err(_) => Err(Refused::Full(item)),
        }
    }

    /// Puts an item in, waiting for room.
    pub(super) async fn put(&self, priority: Priority, item: T) -> Result<(), Refused<T>> {
        match self.room(priority).acquire().await {
            Ok(permit) => {
                permit.forget();
                self.push(priority, item)
            }
            Err(_) => Err(Refused::Closed),
        }
    }

    /// The next item; waits for one. None: the queue is closed and empty.
    pub(super) fn next(&self) -> Option<T> {
        let mut lanes = self.lock();
        loop {
            if let Some(item) = self.pop(&mut lanes, |_| true) {
                return Some(item);
            }
            if lanes.closed {
                return None;
            }
            lanes = self.arrived.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next item, for the only thread that takes any: who was just answered often asks again at once, and a short wait
    /// without sleeping spares both a wake-up.
    pub(super) fn next_soon(&self) -> Option<T> {
        self.linger();
        self.next()
    }

    /// The next item if it is there by `until` and `fits`.
    pub(super) fn next_by(&self, until: Instant, fits: impl Fn(&T) -> bool) -> Option<T> {
        let mut lanes = self.lock();
        loop {
            if !lanes.interactive.is_empty() || !lanes.bulk.is_empty() || lanes.closed {
                return self.pop(&mut lanes, &fits);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left < Duration::from_micros(1) {
                return None;
            }
            lanes = self.arrived.wait_timeout(lanes, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How many wait: people, then machines.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let lanes = self.lock();
        (lanes.interactive.len(), lanes.bulk.len())
    }

    /// No more goes in; what waits is still taken out.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.interactive.close();
        self.bulk.close();
        self.arrived.notify_all();
    }

    fn linger(&self) {
        let until = Instant::now() + LINGER;
        while Instant::now() < until {
            let lanes = self.lock();
            if !lanes.interactive.is_empty() || !lanes.bulk.is_empty() || lanes.closed {
                return;
            }
            drop(lanes);
            std::thread::yield_now();
        }
    }

    fn push(&self, priority: Priority, item: T) -> Result<(), Refused<T>> {
        let mut lanes = self.lock();
        if lanes.closed {
            return Err(Refused::Closed);
        }
        match priority {
            Priority::Interactive => lanes.interactive.push_back(item),
            Priority::Bulk => lanes.bulk.push_back(item),
        }
        drop(lanes);
        self.arrived.notify_one();
        Ok(())
    }

    fn pop(&self, lanes: &mut Lanes<T>, fits: impl Fn(&T) -> bool) -> Option<T> {
        let (lane, room) = if lanes.interactive.is_empty() {
            (&mut lanes.bulk, &self.bulk)
        } else {
            (&mut lanes.interactive, &self.interactive)
        };
        if !lane.front().is_some_and(fits) {
            return None;
        }
        let item = lane.pop_front();
        room.add_permits(1);
        item
    }

    fn room(&self, priority: Priority) -> &Semaphore {
        match priority {
            Priority::Interactive => &self.interactive,
            Priority::Bulk => &self.bulk,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lanes<T>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_come_before_machines_and_a_full_lane_gives_back() {
        let queue = Queue::new(2);
        for item in [1, 2] {
            assert!(queue.offer(Priority::Bulk, item).is_ok());
        }
        assert!(matches!(queue.offer(Priority::Bulk, 3), Err(Refused::Full(3))));
        assert!(queue.offer(Priority::Interactive, 10).is_ok());
        assert_eq!(queue.next(), Some(10));
        assert_eq!(queue.next(), Some(1));
        assert!(queue.offer(Priority::Bulk, 3).is_ok());
        queue.close();
        assert!(matches!(queue.offer(Priority::Bulk, 4), Err(Refused::Full(4) | Refused::Closed)));
        assert_eq!((queue.next(), queue.next(), queue.next()), (Some(2), Some(3), None));
    }
}
