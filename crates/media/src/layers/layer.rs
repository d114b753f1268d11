//! One encoding of a sender's track, as it arrives.

use std::time::{Duration, Instant};

use str0m::media::Rid;

use crate::keyframe::KeyframeRequest;

/// Rates are measured over so long; a camera's frames and its keyframes even out in it.
const SAMPLE: Duration = Duration::from_millis(500);
/// Of the rate that is known, what a new sample replaces.
const NEW_PART: f64 = 0.4;
/// A layer of which nothing came for so long is not sent at present: browsers leave out layers that their own link does not
/// carry, or that would cost too much to encode.
const SILENT: Duration = Duration::from_secs(2);
/// What layers are taken for before they were measured, smallest first, bit/s: what the web application asks of them.
const UNMEASURED_BPS: [u64; 3] = [120_000, 450_000, 1_500_000];

/// Names a layer of a track: by `rid`, or the only one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerId(pub(crate) Option<Rid>);

impl LayerId {
    /// The layer of a track that has only one.
    pub(crate) const ONLY: Self = Self(None);
}

/// A layer that the sender stated, whether or not it sends it.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) id: LayerId,
    pub(crate) keyframe: KeyframeRequest,
    rate: LayerRate,
    /// The shorter side of the picture, px, as its last keyframe said.
    side: Option<u16>,
    heard: Option<Instant>,
}

impl Layer {
    pub(crate) fn new(id: LayerId) -> Self {
        Self { id, keyframe: KeyframeRequest::default(), rate: LayerRate::default(), side: None, heard: None }
    }

    /// A packet of it came. `side` is stated by packets that begin a keyframe.
    pub(crate) fn arrived(&mut self, now: Instant, payload_bytes: usize, side: Option<u16>) {
        self.heard = Some(now);
        self.rate.add(now, payload_bytes);
        self.side = side.or(self.side);
    }

    /// Whether it is sent at present.
    pub(crate) fn is_live(&self, now: Instant) -> bool {
        self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < SILENT)
    }

    pub(crate) fn side(&self) -> Option<u16> {
        self.side
    }

    /// What it takes, bit/s, where `rank` counts from the smallest of `count`.
    pub(crate) fn need_bps(&self, rank: usize, count: usize) -> u64 {
        let unmeasured = if count > 1 { UNMEASURED_BPS[rank.min(2)] } else { UNMEASURED_BPS[0] };
        self.rate.bps().unwrap_or(unmeasured)
    }
}

/// A rate in bit/s, smoothed over a second or two.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct LayerRate {
    since: Option<Instant>,
    bytes: u64,
    bps: Option<f64>,
}

impl LayerRate {
    pub(crate) fn add(&mut self, now: Instant, bytes: usize) {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= SAMPLE {
            let sample = self.bytes as f64 * 8.0 / passed.as_secs_f64();
            // After a pause the rate before it tells nothing.
            let known = self.bps.filter(|_| passed < SILENT);
            self.bps = Some(known.map_or(sample, |bps| bps + (sample - bps) * NEW_PART));
            (self.since, self.bytes) = (Some(now), 0);
        }
        self.bytes += bytes as u64;
    }

    /// `None` before the first sample.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and below 2^53"
    )]
    pub(crate) fn bps(&self) -> Option<u64> {
        self.bps.map(|bps| bps as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_known_after_half_a_second_and_follows() {
        let start = Instant::now();
        let mut rate = LayerRate::default();
        let mut at = start;
        let mut send = |rate: &mut LayerRate, ms: u64, bytes: usize| {
            for _ in 0..ms / 10 {
                at += Duration::from_millis(10);
                rate.add(at, bytes);
            }
        };
        send(&mut rate, 400, 1000);
        assert_eq!(rate.bps(), None);
        send(&mut rate, 200, 1000);
        assert!((790_000..810_000).contains(&rate.bps().unwrap()), "{rate:?}");
        send(&mut rate, 4000, 250);
        assert!((195_000..220_000).contains(&rate.bps().unwrap()), "{rate:?}");
    }

    #[test]
    fn a_layer_that_is_not_sent_any_more_is_not_live() {
        let start = Instant::now();
        let mut layer = Layer::new(LayerId(Some("q".into())));
        assert!(!layer.is_live(start));
        assert_eq!((layer.need_bps(0, 3), layer.need_bps(2, 3)), (UNMEASURED_BPS[0], UNMEASURED_BPS[2]));
        layer.arrived(start, 900, Some(180));
        layer.arrived(start, 900, None);
        assert_eq!(layer.side(), Some(180));
        assert!(layer.is_live(start + Duration::from_millis(1999)));
        assert!(!layer.is_live(start + SILENT));
    }
}
