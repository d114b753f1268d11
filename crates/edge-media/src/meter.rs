//! What the threads tell about themselves.
//!
//! A thread counts without atomics and publishes once a second. Twenty times a second it shows that it runs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bianque_media::Core;
use rustix::time::{ClockId, clock_gettime};

/// How often a thread looks at the clock, whatever else it has to do.
pub(crate) const BEAT: Duration = Duration::from_millis(20);
/// Of how many seconds lateness is told.
const SECONDS: usize = 5;
/// How many looks at the clock say something of the machine: one that is late says nothing.
const LOOKS: u64 = 50;

/// What the media threads have done since they started, all together, and how well they keep up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Threads.
    pub threads: u64,
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
    /// Datagrams that came to a thread and were for another.
    pub crossed: u64,
    /// Datagrams of those, and of streams, that were lost because the other thread was behind.
    pub crossing_losses: u64,
    /// New rooms that were refused since the start because there was no time for them, or too many.
    pub refused_rooms: u64,
    /// CPU time of the threads, microseconds.
    pub cpu_us: u64,
    /// How late a thread was for its timers in the last five seconds, 99th percentile, microseconds, of the thread
    /// that fares worst. When this grows to tens of milliseconds the thread does not get the CPU that it needs.
    pub lag_p99_us: u64,
    /// The same, the worst.
    pub lag_max_us: u64,
    /// How much of its time the busiest thread was not waiting in the last seconds, in thousandths.
    pub busy_permille: u64,
    /// Media packets handed to receivers in the last second.
    pub packets_per_s: u64,
}

/// How a thread fares just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// Since it last showed that it runs.
    pub(crate) silent: Duration,
    /// How late it is for its timers, 99th percentile of the last seconds.
    pub(crate) late: Duration,
    /// How much of its time it does not wait.
    pub(crate) busy_permille: u64,
}

macro_rules! shared {
    ($(sum $sum:ident,)* $(most $most:ident,)*) => {
        /// The published figures of one thread.
        #[derive(Debug)]
        pub(crate) struct Shared {
            started: Instant,
            beat_us: AtomicU64,
            $($sum: AtomicU64,)*
            $($most: AtomicU64,)*
        }

        impl Shared {
            pub(crate) fn new(started: Instant) -> Self {
                Self {
                    started,
                    beat_us: AtomicU64::new(0),
                    $($sum: AtomicU64::new(0),)*
                    $($most: AtomicU64::new(0),)*
                }
            }

            /// Adds the figures of this thread to those of others.
            pub(crate) fn add_to(&self, all: &mut Metrics) {
                $(all.$sum += self.$sum.load(Ordering::Relaxed);)*
                $(all.$most = all.$most.max(self.$most.load(Ordering::Relaxed));)*
            }

            fn write(&self, metrics: &Metrics) {
                $(self.$sum.store(metrics.$sum, Ordering::Relaxed);)*
                $(self.$most.store(metrics.$most, Ordering::Relaxed);)*
            }
        }
    };
}

shared!(
    sum threads,
    sum rooms,
    sum sessions,
    sum datagrams_in,
    sum dropped,
    sum datagrams_out,
    sum send_failures,
    sum forwarded,
    sum failures,
    sum crossed,
    sum crossing_losses,
    sum cpu_us,
    sum packets_per_s,
    most lag_p99_us,
    most lag_max_us,
    most busy_permille,
);

impl Shared {
    /// The thread runs.
    pub(crate) fn beat(&self, now: Instant) {
        self.beat_us.store(micros(now.saturating_duration_since(self.started)), Ordering::Relaxed);
    }

    /// How the thread fares.
    pub(crate) fn pulse(&self, now: Instant) -> Pulse {
        let heard = self.started + Duration::from_micros(self.beat_us.load(Ordering::Relaxed));
        let silent = now.saturating_duration_since(heard);
        let late = Duration::from_micros(self.lag_p99_us.load(Ordering::Relaxed));
        Pulse { silent, late, busy_permille: self.busy_permille.load(Ordering::Relaxed) }
    }
}

/// The thread's own count.
#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) send_failures: u64,
    /// Datagrams that nobody has claimed.
    pub(crate) strays: u64,
    pub(crate) crossed: u64,
    pub(crate) crossing_losses: u64,
    seconds: VecDeque<Second>,
    forwarded: u64,
    published: Instant,
}

/// What happened in about a second.
#[derive(Debug, Default)]
struct Second {
    lag: Histogram,
    waited: Duration,
    length: Duration,
}

impl Meter {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            send_failures: 0,
            strays: 0,
            crossed: 0,
            crossing_losses: 0,
            seconds: VecDeque::from([Second::default()]),
            forwarded: 0,
            published: now,
        }
    }

    pub(crate) fn late_by(&mut self, lag: Duration) {
        if let Some(second) = self.seconds.back_mut() {
            second.lag.add(micros(lag));
        }
    }

    pub(crate) fn waited(&mut self, time: Duration) {
        if let Some(second) = self.seconds.back_mut() {
            second.waited += time;
        }
    }

    pub(crate) fn publish(&mut self, now: Instant, core: &Core, shared: &Shared) {
        let counters = core.counters();
        let (rooms, sessions) = core.population();
        let length = now.saturating_duration_since(self.published);
        if let Some(second) = self.seconds.back_mut() {
            second.length = length;
        }
        let lag = self.seconds.iter().fold(Histogram::default(), |all, second| all.and(&second.lag));
        let packets = (counters.forwarded - self.forwarded) as f64 / length.as_secs_f64().max(1e-3);
        shared.write(&Metrics {
            threads: 1,
            rooms: rooms as u64,
            sessions: sessions as u64,
            datagrams_in: counters.datagrams_in + self.strays,
            dropped: counters.dropped + self.strays,
            datagrams_out: counters.datagrams_out,
            send_failures: self.send_failures,
            forwarded: counters.forwarded,
            failures: counters.failures,
            crossed: self.crossed,
            crossing_losses: self.crossing_losses,
            cpu_us: thread_cpu_us(),
            lag_p99_us: if lag.count < LOOKS { 0 } else { lag.percentile(99) },
            lag_max_us: lag.max,
            busy_permille: self.busy_permille(),
            packets_per_s: whole(packets),
            refused_rooms: 0,
        });
        self.forwarded = counters.forwarded;
        self.published = now;
        self.seconds.push_back(Second::default());
        if self.seconds.len() > SECONDS {
            self.seconds.pop_front();
        }
    }

    fn busy_permille(&self) -> u64 {
        let length: Duration = self.seconds.iter().map(|second| second.length).sum();
        let waited: Duration = self.seconds.iter().map(|second| second.waited).sum();
        if length < Duration::from_secs(1) {
            return 0;
        }
        whole(1000.0 * (1.0 - waited.as_secs_f64() / length.as_secs_f64()))
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count that is rounded; a cast from f64 stays within the type"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
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

    /// Both together.
    fn and(mut self, other: &Self) -> Self {
        for (own, others) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += others;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
        self
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
