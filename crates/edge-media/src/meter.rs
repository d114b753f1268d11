//! What the thread tells about itself.
//!
//! The thread counts without atomics and publishes once a second.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bianque_media::Core;
use rustix::time::{ClockId, clock_gettime};

/// What the media thread has done since it started, and how well it keeps up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Rooms that are open.
    pub rooms: u64,
    /// Sessions that are open.
    pub sessions: u64,
    /// Datagrams received.
    pub datagrams_in: u64,
    /// Datagrams of those that belonged to nobody or made no sense.
    pub dropped: u64,
    /// Datagrams sent.
    pub datagrams_out: u64,
    /// Datagrams that the kernel did not take.
    pub send_failures: u64,
    /// Media packets handed to receivers.
    pub forwarded: u64,
    /// Rooms ended because of a defect.
    pub failures: u64,
    /// CPU time of the thread, microseconds.
    pub cpu_us: u64,
    /// How late the thread was for its timers in the last second, 99th percentile, microseconds. When this grows to
    /// tens of milliseconds the thread does not get the CPU that it needs.
    pub lag_p99_us: u64,
    /// The same, the worst.
    pub lag_max_us: u64,
}

macro_rules! shared {
    ($($field:ident),*) => {
        /// The published figures.
        #[derive(Debug, Default)]
        pub(crate) struct Shared { $($field: AtomicU64),* }

        impl Shared {
            pub(crate) fn read(&self) -> Metrics {
                Metrics { $($field: self.$field.load(Ordering::Relaxed)),* }
            }

            fn write(&self, metrics: Metrics) {
                $(self.$field.store(metrics.$field, Ordering::Relaxed);)*
            }
        }
    };
}

shared!(
    rooms,
    sessions,
    datagrams_in,
    dropped,
    datagrams_out,
    send_failures,
    forwarded,
    failures,
    cpu_us,
    lag_p99_us,
    lag_max_us
);

/// The thread's own count.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) send_failures: u64,
    lag: Histogram,
}

impl Meter {
    pub(crate) fn late_by(&mut self, lag: Duration) {
        self.lag.add(u64::try_from(lag.as_micros()).unwrap_or(u64::MAX));
    }

    pub(crate) fn publish(&mut self, core: &Core, shared: &Shared) {
        let counters = core.counters();
        let (rooms, sessions) = core.population();
        shared.write(Metrics {
            rooms: rooms as u64,
            sessions: sessions as u64,
            datagrams_in: counters.datagrams_in,
            dropped: counters.dropped,
            datagrams_out: counters.datagrams_out,
            send_failures: self.send_failures,
            forwarded: counters.forwarded,
            failures: counters.failures,
            cpu_us: thread_cpu_us(),
            lag_p99_us: self.lag.percentile(99),
            lag_max_us: self.lag.max,
        });
        self.lag = Histogram::default();
    }
}

/// Four buckets to an octave: a value is known to a fifth of itself.
#[derive(Debug)]
struct Histogram {
    buckets: [u32; 128],
    count: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: [0; 128], count: 0, max: 0 }
    }
}

impl Histogram {
    fn add(&mut self, value: u64) {
        self.buckets[Self::bucket(value)] += 1;
        self.count += 1;
        self.max = self.max.max(value);
    }

    fn bucket(value: u64) -> usize {
        if value < 4 {
            return usize::try_from(value).unwrap_or(0);
        }
        let octave = value.ilog2();
        let quarter = (value >> (octave - 2)) & 3;
        usize::try_from(u64::from(octave - 1) * 4 + quarter).map_or(127, |index| index.min(127))
    }

    /// The least value that does not fit into the bucket.
    fn bound(index: usize) -> u64 {
        let index = index as u64 + 1;
        if index <= 4 { index } else { (4 + index % 4) << (index / 4 - 1) }
    }

    /// An upper bound of the percentile; zero without values.
    fn percentile(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank && seen > 0 {
                return Self::bound(index).min(self.max);
            }
        }
        self.max
    }
}

fn thread_cpu_us() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let micros = time.tv_sec * 1_000_000 + time.tv_nsec / 1_000;
    u64::try_from(micros).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_fifth() {
        let mut histogram = Histogram::default();
        for value in 1..=10_000 {
            histogram.add(value);
        }
        for (percent, exact) in [(50, 5000.0), (99, 9900.0)] {
            let found = histogram.percentile(percent) as f64;
            assert!((exact..exact * 1.25).contains(&found), "{percent}: {found}");
        }
        assert_eq!(Histogram::default().percentile(99), 0);
    }

    #[test]
    fn every_value_is_below_the_bound_of_its_bucket() {
        for value in (0..2000).chain([1 << 20, 1 << 29]) {
            let index = Histogram::bucket(value);
            assert!(value < Histogram::bound(index), "{value}");
            assert!(index == 0 || value >= Histogram::bound(index - 1), "{value}");
        }
    }
}
