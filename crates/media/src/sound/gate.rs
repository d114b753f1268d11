//! What a client's socket lets through: frames that are frames, no more of them than anybody says.
//!
//! It stands before the media thread, so that a flood costs its own socket and nobody else.

use std::time::Instant;

use super::frame::{FrameError, SoundFrame};

/// Frames in a second: 20 ms each, with some to spare for clocks that run fast.
const FRAMES_PER_S: f64 = 60.0;
/// What a stalled network lets loose at once: two seconds.
const FRAMES_AT_ONCE: f64 = 120.0;
/// 64 kb/s, with headers.
const BYTES_PER_S: f64 = 9_000.0;
const BYTES_AT_ONCE: f64 = 20_000.0;
/// Messages that may be refused before it is a flood, and how fast they are forgiven.
const REFUSALS_AT_ONCE: f64 = 250.0;
const REFUSALS_PER_S: f64 = 10.0;

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// It is no frame.
    Malformed(FrameError),
    /// Too much in too short a time.
    TooFast,
    /// So much that the session has to end.
    Flood,
}

/// What passed and what did not.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct GateCounts {
    /// Frames that passed.
    pub passed: u64,
    /// Messages that were no frames.
    pub malformed: u64,
    /// Frames that came too fast.
    pub too_fast: u64,
}

/// The gate of one socket.
#[derive(Debug)]
pub struct SoundGate {
    frames: Bucket,
    bytes: Bucket,
    refusals: Bucket,
    counts: GateCounts,
}

impl SoundGate {
    /// A gate that nothing has passed yet.
    pub fn new(now: Instant) -> Self {
        Self {
            frames: Bucket::new(now, FRAMES_PER_S, FRAMES_AT_ONCE),
            bytes: Bucket::new(now, BYTES_PER_S, BYTES_AT_ONCE),
            refusals: Bucket::new(now, REFUSALS_PER_S, REFUSALS_AT_ONCE),
            counts: GateCounts::default(),
        }
    }

    /// Takes a binary message.
    ///
    /// # Errors
    /// Why it is dropped. After [`Dropped::Flood`] the session ends.
    pub fn admit(&mut self, now: Instant, message: &[u8]) -> Result<SoundFrame, Dropped> {
        let dropped = match SoundFrame::parse(message) {
            Err(error) => {
                self.counts.malformed += 1;
                Dropped::Malformed(error)
            }
            Ok(frame) => {
                #[expect(clippy::cast_precision_loss, reason = "a message has less than a kilobyte")]
                let size = message.len() as f64;
                if self.frames.take(now, 1.0) && self.bytes.take(now, size) {
                    self.counts.passed += 1;
                    return Ok(frame);
                }
                self.counts.too_fast += 1;
                Dropped::TooFast
            }
        };
        Err(if self.refusals.take(now, 1.0) { dropped } else { Dropped::Flood })
    }

    /// What passed so far, and what did not.
    pub fn counts(&self) -> GateCounts {
        self.counts
    }
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    per_s: f64,
    most: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    fn new(now: Instant, per_s: f64, most: f64) -> Self {
        Self { per_s, most, left: most, at: now }
    }

    fn take(&mut self, now: Instant, tokens: f64) -> bool {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.left = (self.left + passed * self.per_s).min(self.most);
        let enough = self.left >= tokens;
        if enough {
            self.left -= tokens;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(sequence: u16, opus_bytes: usize) -> Vec<u8> {
        let mut opus = vec![0b0100_1000; opus_bytes];
        opus[1..].fill(7);
        SoundFrame { level: 20, sequence, timestamp: 0, opus: opus.into() }.to_bytes()
    }

    #[test]
    fn a_voice_passes_for_an_hour() {
        let start = Instant::now();
        let mut gate = SoundGate::new(start);
        for number in 0..180_000u32 {
            let at = start + Duration::from_millis(20) * number;
            #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
            let message = frame(number as u16, 60);
            assert!(gate.admit(at, &message).is_ok(), "{number}");
        }
    }

    #[test]
    fn what_a_stalled_network_lets_loose_passes() {
        let start = Instant::now();
        let mut gate = SoundGate::new(start);
        for number in 0..100 {
            assert!(gate.admit(start, &frame(number, 60)).is_ok());
        }
    }

    #[test]
    fn a_flood_is_thinned_and_then_ends() {
        let start = Instant::now();
        let mut gate = SoundGate::new(start);
        let flood = (0..u16::MAX).position(|n| gate.admit(start, &frame(n, 600)) == Err(Dropped::Flood));
        let counts = gate.counts();
        assert!(counts.passed * 600 <= 20_000, "{counts:?}");
        assert_eq!(flood, Some(usize::try_from(counts.passed).unwrap() + 250));
    }

    #[test]
    fn nonsense_now_and_then_is_forgiven_and_much_of_it_is_a_flood() {
        let start = Instant::now();
        let mut gate = SoundGate::new(start);
        for second in 0..1000 {
            let at = start + Duration::from_secs(second);
            for _ in 0..9 {
                assert_eq!(gate.admit(at, b"hello"), Err(Dropped::Malformed(FrameError::Short)));
            }
        }
        let end = start + Duration::from_secs(1000);
        assert!((0..300).any(|_| gate.admit(end, b"hello") == Err(Dropped::Flood)));
    }
}
