//! How long is waited before somebody who failed is tried again.

use std::time::Duration;

use bianque_app::secrets;

/// The waits between tries: each twice the one before, up to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The wait after the first failure.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_mins(5) }
    }
}

impl Pace {
    /// A wait after so many failures in a row, somewhere in its second half. Without randomness all wait as long as they
    /// can.
    pub(crate) fn spread(self, failures: u32) -> Duration {
        let random = secrets::random_bytes::<2>();
        let jitter = random.map_or(1.0, |bytes| f64::from(u16::from_le_bytes(bytes)) / 65_535.0);
        self.wait(failures, jitter)
    }

    /// The wait after so many failures in a row: from half of the full wait (`jitter` 0) to all of it (1), so that many
    /// who failed together do not come back together.
    pub fn wait(self, failures: u32, jitter: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1).min(31));
        let full = self.first.saturating_mul(doubled).min(self.longest);
        full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_spread_over_their_second_half() {
        let pace = Pace::default();
        let waits = |failures, jitter| pace.wait(failures, jitter).as_millis();
        assert_eq!([1, 2, 3, 4].map(|failures| waits(failures, 1.0)), [1_000, 2_000, 4_000, 8_000]);
        assert_eq!((waits(1, 0.0), waits(3, 0.5)), (500, 3_000));
        for failures in [10, 32, 33, u32::MAX] {
            assert_eq!(waits(failures, 1.0), 300_000);
        }
        assert_eq!(waits(0, 1.0), 1_000);
    }
}
