//! How long commits took: the recent ones, kept by the writer for whoever asks.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Commits that are kept.
const KEPT: usize = 2_048;

/// Shared by the writer and who asks.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Recent>);

#[derive(Debug, Default)]
struct Recent {
    /// Microseconds, in a circle.
    took: Vec<u32>,
    commits: u64,
    last_at: i64,
}

impl Pulse {
    /// Notes a group that was committed with this time.
    pub(super) fn note(&self, took: impl Iterator<Item = Duration>, at: i64) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for took in took {
            let took = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
            let place = usize::try_from(recent.commits).unwrap_or_default() % KEPT;
            if recent.took.len() < KEPT {
                recent.took.push(took);
            } else {
                recent.took[place] = took;
            }
            recent.commits += 1;
        }
        recent.last_at = recent.last_at.max(at);
    }

    /// Commits, the median and the 95th percentile of recent ones in microseconds, and the time of the last.
    pub(super) fn read(&self) -> (u64, u64, u64, i64) {
        let (mut took, commits, last_at) = {
            let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            (recent.took.clone(), recent.commits, recent.last_at)
        };
        took.sort_unstable();
        let at = |hundredths: usize| took.get(took.len() * hundredths / 100).copied().map_or(0, u64::from);
        (commits, at(50), at(95), last_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_recent_commits() {
        let pulse = Pulse::default();
        assert_eq!(pulse.read(), (0, 0, 0, 0));
        pulse.note((1..=100).map(Duration::from_micros), 7);
        assert_eq!(pulse.read(), (100, 51, 96, 7));
        pulse.note(std::iter::repeat_n(Duration::from_millis(5), KEPT), 6);
        assert_eq!(pulse.read(), (100 + KEPT as u64, 5_000, 5_000, 7), "older ones are forgotten");
    }
}
