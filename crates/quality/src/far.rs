//! The far leg: what lies between the server and whoever a participant hears.
//!
//! A window of a participant knows the round trip of its own leg. What is heard travelled over the speaker's leg first,
//! so half of that round trip belongs to the delay too (G.107 rates the path from mouth to ear).

use bianque_model::Timestamp;

use crate::weighted;

/// A reading of the round trip between a participant and the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrip {
    /// When its window began.
    pub from: Timestamp,
    /// When it ended.
    pub to: Timestamp,
    /// The round trip, ms.
    pub ms: f64,
}

/// The readings of one participant by one reporter, whose windows follow each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundTrips(Vec<RoundTrip>);

impl RoundTrips {
    /// Puts readings in order. Windows that do not end after they begin and readings that are no length of time are
    /// left out.
    pub fn new(readings: impl IntoIterator<Item = RoundTrip>) -> Self {
        let sound =
            |reading: &RoundTrip| reading.to > reading.from && reading.ms.is_finite() && reading.ms >= 0.0;
        let mut readings: Vec<RoundTrip> = readings.into_iter().filter(sound).collect();
        readings.sort_by_key(|reading| (reading.to, reading.from));
        Self(readings)
    }

    /// The mean over a stretch of time, ms; each reading weighs as much as it overlaps. None where nothing was read.
    pub fn mean_ms(&self, from: Timestamp, to: Timestamp) -> Option<f64> {
        let first = self.0.partition_point(|reading| reading.to <= from);
        let during = self.0[first..].iter().take_while(|reading| reading.from < to);
        weighted::mean(during.map(|reading| {
            let overlap = reading.to.min(to).0.saturating_sub(reading.from.max(from).0);
            (reading.ms, overlap)
        }))
    }
}

/// The mean round trip of several speakers, ms: who of them spoke in a window is not known, so each weighs the same. None
/// when none is known.
pub fn far_rtt_ms(speakers: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    weighted::mean(speakers.into_iter().flatten().map(|ms| (ms, 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(0);

    fn at(seconds: i64) -> Timestamp {
        START.plus_seconds(seconds)
    }

    fn reading(from: i64, to: i64, ms: f64) -> RoundTrip {
        RoundTrip { from: at(from), to: at(to), ms }
    }

    #[test]
    fn a_reading_weighs_as_much_as_it_overlaps() {
        let trips = RoundTrips::new([reading(5, 10, 100.0), reading(0, 5, 20.0), reading(10, 15, 40.0)]);
        assert_eq!(trips.mean_ms(at(0), at(5)), Some(20.0));
        // Two seconds at 20, three at 100.
        assert_eq!(trips.mean_ms(at(3), at(8)), Some((2.0 * 20.0 + 3.0 * 100.0) / 5.0));
        assert_eq!(trips.mean_ms(at(-10), at(60)), Some(160.0 / 3.0));
        assert_eq!(trips.mean_ms(at(15), at(20)), None);
        assert_eq!(RoundTrips::default().mean_ms(at(0), at(5)), None);
    }

    #[test]
    fn what_cannot_be_true_is_left_out() {
        let wrong = [reading(0, 5, -1.0), reading(0, 5, f64::NAN), reading(5, 5, 9.0), reading(5, 0, 9.0)];
        assert_eq!(RoundTrips::new(wrong), RoundTrips::default());
    }

    #[test]
    fn speakers_weigh_the_same() {
        assert_eq!(far_rtt_ms([Some(40.0), None, Some(120.0)]), Some(80.0));
        assert_eq!(far_rtt_ms([None]), None);
    }
}
