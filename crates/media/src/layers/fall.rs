//! When a receiver has more than its link carries: how that is told, and how much is to go.

use std::time::{Duration, Instant};

/// What is sent may be so much over the estimate, in percent: with each doubt the estimate is lowered to 85 % of what arrives
/// (draft-ietf-rmcat-gcc-02, section 5.5), and only below that does less arrive than is sent.
const TOLERATED_PERCENT: u64 = 118;
/// Less than this part of what is sent is no doubt any more, in percent.
const CERTAIN_PERCENT: u64 = 65;
/// A doubt has to last so long.
const DOUBT: Duration = Duration::from_millis(400);
/// After a fall, what is still queued in the network is not held against what is sent now.
const SETTLES: Duration = Duration::from_millis(750);
/// So long after a fall, what happens is taken for its consequence.
const AFTERMATH: Duration = Duration::from_secs(4);
/// So much longer than at its shortest a round trip takes when the network queues what is sent, and when it does no longer.
const QUEUED: Duration = Duration::from_millis(250);
const DRAINED: Duration = Duration::from_millis(100);
/// So much of what is sent is lost where it does not fit, and the estimate falls by so much, in percent; less is chance.
const LOST_PERCENT: f32 = 5.0;
const LOWERED_PERCENT: u64 = 5;

/// How much is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fall {
    /// What does not fit into the estimate.
    Excess,
    /// What does not fit into the half of it: an estimate that falls so far is still falling, and the way up is short.
    Half,
    /// All pictures, for a moment or longer: what is sent now only waits, and the sound behind it.
    All,
}

#[derive(Debug, Default)]
pub(super) struct Falls {
    doubted_since: Option<Instant>,
    fell: Option<Instant>,
    /// Everything was stopped, and whether it was for a moment is still open.
    draining: bool,
    /// Round trip at present, and the least that it was.
    round_trip: Option<(Duration, Duration)>,
    /// The most that was estimated, bit/s.
    highest_bps: u64,
    has_bound: bool,
}

impl Falls {
    /// How long a packet, and what is said of it, take at present.
    pub(super) fn took(&mut self, round_trip: Duration) {
        let least = self.round_trip.map_or(round_trip, |(_, least)| least.min(round_trip));
        self.round_trip = Some((round_trip, least));
        self.has_bound |= self.queued() >= QUEUED;
    }

    /// What is estimated, and the part of what was sent that is known to be lost.
    pub(super) fn measured(&mut self, estimate_bps: u64, lost: f32) {
        self.highest_bps = self.highest_bps.max(estimate_bps);
        let lowered = estimate_bps * 100 < self.highest_bps * (100 - LOWERED_PERCENT);
        self.has_bound |= lowered || lost * 100.0 >= LOST_PERCENT;
    }

    /// Whether the link has ever shown that there is more than it carries: something was lost, or waited, or the estimate was
    /// lowered. An estimate before that is where estimation began and what was found since: what is sent may be far over it
    /// and arrive all the same, when the first probes came to nothing.
    pub(super) fn has_bound(&self) -> bool {
        self.has_bound
    }

    /// Whether something has to go, when `need_bps` are sent and the link is taken to carry `estimate_bps`.
    pub(super) fn look(&mut self, now: Instant, estimate_bps: u64, need_bps: u64) -> Option<Fall> {
        let ago = self.ago(now);
        // The estimate tells only seconds later that a fall was not deep enough; the queue does at once.
        let drowns = self.queued() >= QUEUED && (SETTLES..AFTERMATH).contains(&ago);
        if !drowns && need_bps * 100 <= estimate_bps * TOLERATED_PERCENT {
            self.doubted_since = None;
            return None;
        }
        let doubted = now.saturating_duration_since(*self.doubted_since.get_or_insert(now));
        let certain = estimate_bps * 100 < need_bps * CERTAIN_PERCENT;
        if ago < SETTLES || !drowns && !certain && doubted < DOUBT {
            return None;
        }
        let fall = match (drowns, certain) {
            (true, _) => Fall::All,
            (false, true) if self.queued() >= QUEUED => Fall::All,
            (false, true) => Fall::Half,
            (false, false) => Fall::Excess,
        };
        self.doubted_since = None;
        self.fell = Some(now);
        self.draining = fall == Fall::All && !drowns;
        Some(fall)
    }

    /// Whether everything was stopped for a moment and that was enough: the smallest may go on at once. Answers it once.
    pub(super) fn has_drained(&mut self, now: Instant) -> bool {
        if !self.draining || self.ago(now) < SETTLES {
            return false;
        }
        self.draining = false;
        self.queued() < DRAINED
    }

    /// Something had to go a moment ago.
    pub(super) fn is_recent(&self, now: Instant) -> bool {
        self.ago(now) < AFTERMATH
    }

    fn ago(&self, now: Instant) -> Duration {
        self.fell.map_or(Duration::MAX, |fell| now.saturating_duration_since(fell))
    }

    fn queued(&self) -> Duration {
        self.round_trip.map_or(Duration::ZERO, |(present, least)| present.saturating_sub(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_doubt_has_to_last_and_a_certainty_does_not() {
        let start = Instant::now();
        let mut falls = Falls::default();
        assert_eq!(falls.look(start, 1000, 1100), None);
        assert_eq!(falls.look(start, 900, 1100), None);
        assert_eq!(falls.look(start + 300 * MS, 1000, 1100), None, "it passed");
        assert_eq!(falls.look(start + 600 * MS, 900, 1100), None);
        assert_eq!(falls.look(start + 1000 * MS, 900, 1100), Some(Fall::Excess));
        let mut lowered = Falls::default();
        assert_eq!(lowered.look(start, 850, 1000), None);
        assert_eq!(
            lowered.look(start + 10_000 * MS, 850, 1000),
            None,
            "85 % of what arrives, and all arrives"
        );
        assert_eq!(Falls::default().look(start, 600, 1000), Some(Fall::Half));
    }

    #[test]
    fn where_packets_wait_everything_stops_until_they_do_no_longer() {
        let start = Instant::now();
        let mut falls = Falls::default();
        falls.took(20 * MS);
        falls.took(300 * MS);
        assert_eq!(falls.look(start, 600, 1000), Some(Fall::All));
        assert!(!falls.has_drained(start + 700 * MS));
        falls.took(60 * MS);
        assert!(falls.has_drained(start + 750 * MS));
        assert!(!falls.has_drained(start + 850 * MS), "once");
        // The smallest is too much: it stops again, and comes back by the long way.
        falls.took(400 * MS);
        let again = start + 1500 * MS;
        assert_eq!(falls.look(again, 900, 300), Some(Fall::All));
        falls.took(20 * MS);
        assert!(!falls.has_drained(again + SETTLES));
    }

    #[test]
    fn a_link_has_no_bound_before_something_is_lost_or_waits_or_the_estimate_is_lowered() {
        let bound = |act: fn(&mut Falls)| {
            let mut falls = Falls::default();
            falls.took(20 * MS);
            falls.measured(300_000, 0.0);
            act(&mut falls);
            falls.has_bound()
        };
        assert!(!bound(|falls| falls.measured(330_000, 0.01)));
        assert!(!bound(|falls| falls.measured(290_000, 0.0)));
        assert!(!bound(|falls| falls.took(200 * MS)));
        assert!(bound(|falls| falls.measured(280_000, 0.0)));
        assert!(bound(|falls| falls.measured(330_000, 0.06)));
        assert!(bound(|falls| falls.took(300 * MS)));
    }

    #[test]
    fn a_queue_that_is_not_ours_costs_nothing() {
        let start = Instant::now();
        let mut falls = Falls::default();
        falls.took(20 * MS);
        falls.took(900 * MS);
        assert_eq!(falls.look(start, 1000, 1000), None);
    }
}
