//! The numbers of frames that come in: put in order, losses and jitter told from them.

use std::time::Instant;

use super::frame::SoundFrame;

/// More than this missing at once is a client that began to count anew, not a loss.
const MOST_LOST: u16 = 3000;
/// Timestamps that are this far apart have a silence between them, of which jitter tells nothing: 200 ms.
const SILENCE_TICKS: u32 = 9600;

#[derive(Debug, Default)]
pub(super) struct Sequence {
    last: Option<Last>,
    /// RFC 3550, section 6.4.1, in ticks of 48 kHz.
    jitter: f64,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    number: u64,
    timestamp: u32,
    at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    /// The number that never wraps.
    pub(super) number: u64,
    /// Frames that are missing before it.
    pub(super) lost: u16,
    /// A silence was before it.
    pub(super) begins: bool,
}

impl Sequence {
    /// Places a frame; `None` if it is not newer than the last.
    pub(super) fn place(&mut self, now: Instant, frame: &SoundFrame) -> Option<Placed> {
        let Some(last) = self.last else {
            let number = u64::from(frame.sequence);
            self.last = Some(Last { number, timestamp: frame.timestamp, at: now });
            return Some(Placed { number, lost: 0, begins: true });
        };
        #[expect(clippy::cast_possible_truncation, reason = "the lower half is what is compared")]
        let step = frame.sequence.wrapping_sub(last.number as u16);
        if step == 0 || step >= 0x8000 {
            return None;
        }
        let ticks = frame.timestamp.wrapping_sub(last.timestamp);
        let begins = ticks > SILENCE_TICKS;
        if step == 1 && !begins {
            self.add_jitter(
                now.saturating_duration_since(last.at).as_secs_f64() * 48_000.0 - f64::from(ticks),
            );
        }
        let number = last.number + u64::from(step);
        self.last = Some(Last { number, timestamp: frame.timestamp, at: now });
        let lost = if step > MOST_LOST { 0 } else { step - 1 };
        Some(Placed { number, lost, begins })
    }

    /// Ticks of 48 kHz.
    pub(super) fn jitter(&self) -> f64 {
        self.jitter
    }

    fn add_jitter(&mut self, difference: f64) {
        self.jitter += (difference.abs() - self.jitter) / 16.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(sequence: u16, timestamp: u32) -> SoundFrame {
        SoundFrame { level: 0, sequence, timestamp, opus: [0x48].into() }
    }

    #[test]
    fn numbers_go_on_across_the_end_and_never_back() {
        let now = Instant::now();
        let mut sequence = Sequence::default();
        assert_eq!(sequence.place(now, &frame(65_534, 0)).unwrap().number, 65_534);
        let placed = sequence.place(now, &frame(1, 2880)).unwrap();
        assert_eq!(placed, Placed { number: 65_537, lost: 2, begins: false });
        assert_eq!(sequence.place(now, &frame(1, 2880)), None, "twice");
        assert_eq!(sequence.place(now, &frame(65_535, 960)), None, "late");
        assert!(sequence.place(now, &frame(2, 50_000)).unwrap().begins);
    }

    #[test]
    fn jitter_is_what_arrival_and_recording_differ_by() {
        let start = Instant::now();
        let mut sequence = Sequence::default();
        for number in 0..500u16 {
            let late = if number % 2 == 0 { 0 } else { 10 };
            let at = start + Duration::from_millis(u64::from(number) * 20 + late);
            sequence.place(at, &frame(number, u32::from(number) * 960));
        }
        assert!((sequence.jitter() / 48.0 - 10.0).abs() < 0.5, "{}", sequence.jitter());
    }
}
