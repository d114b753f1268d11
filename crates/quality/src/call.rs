//! What a call delivered to one participant, over all its windows: MOS, video, goodput.

use serde::{Deserialize, Serialize};

use crate::delay::Leg;
use crate::rating::{RatingConstants, mos, transmission_rating};
use crate::{MediaWindow, VideoSample, weighted};

/// What was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// MOS of the time-weighted mean of the windows' transmission ratings, 1 to 4.5.
    pub value: f64,
    /// MOS of the worst window.
    pub worst: f64,
    /// Windows that could be rated.
    pub windows: usize,
}

/// What was seen. Every figure is weighted by time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Time frozen / time with a picture, 0 to 1, over the windows that count freezes; none when none does.
    pub freeze_ratio: Option<f64>,
    /// Freezes that began; the same.
    pub freezes: Option<u64>,
    /// Median frames per second.
    pub fps: f64,
    /// Median height, px.
    pub height: f64,
    /// [`video_score`] of the whole, 1 to 5; none without a freeze ratio.
    pub score: Option<f64>,
}

/// What a call delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CallQuality {
    /// What was heard; none when no window has audio, round trip and jitter buffer.
    pub heard: Option<Heard>,
    /// What was seen; none without a picture.
    pub seen: Option<Seen>,
    /// Payload sent, Mbit/s of connected time. Goodput is not available rate and never enters T.
    pub goodput_up_mbps: Option<f64>,
    /// Payload received, Mbit/s of connected time.
    pub goodput_down_mbps: Option<f64>,
    /// Time-weighted means of round trip and jitter buffer.
    pub leg: Option<Leg>,
    /// Connected time, s.
    pub connected_s: f64,
}

/// Full marks for video, which [`video_score`] measures against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VideoConstants {
    /// Frames per second.
    pub full_fps: f64,
    /// Picture size, px.
    pub full_pixels: f64,
    /// The freeze ratio at which a picture is worth nothing.
    pub useless_freeze_ratio: f64,
}

impl Default for VideoConstants {
    fn default() -> Self {
        Self { full_fps: 20.0, full_pixels: 640.0 * 480.0, useless_freeze_ratio: 0.2 }
    }
}

/// A score of our own for a picture, from 1 to 5; no standard speaks of one:
/// `1 + 4 * (1 - freeze ratio / useless) * sqrt(fps / full) * sqrt(pixels / full)`, each factor held between 0 and 1.
pub fn video_score(freeze_ratio: f64, fps: f64, pixels: f64, constants: &VideoConstants) -> f64 {
    let part = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
    let steady = part(1.0 - freeze_ratio / constants.useless_freeze_ratio);
    let smooth = part(fps / constants.full_fps).sqrt();
    let sharp = part(pixels / constants.full_pixels).sqrt();
    1.0 + 4.0 * steady * smooth * sharp
}

/// The transmission rating of one window: one-way delay is half of each known round trip, the jitter buffer and the
/// codec. None when not connected, when nothing was played, or when round trip or jitter buffer are not known.
pub fn window_rating(window: &MediaWindow, constants: &RatingConstants) -> Option<f64> {
    if !window.connected {
        return None;
    }
    let rtt_ms = window.rtt_ms? + window.far_rtt_ms.unwrap_or(0.0);
    let one_way_ms = rtt_ms / 2.0 + window.jitter_buffer_ms? + constants.codec_ms;
    Some(transmission_rating(one_way_ms, window.concealment()?, constants))
}

/// Sums up the windows of one participant. Windows that are not connected count in nothing here: that they were not is
/// what T says.
pub fn call_quality(
    windows: &[MediaWindow],
    rating: &RatingConstants,
    video: &VideoConstants,
) -> CallQuality {
    let connected: Vec<&MediaWindow> =
        windows.iter().filter(|window| window.connected && window.seconds() > 0.0).collect();
    let connected_s: f64 = connected.iter().map(|window| window.seconds()).sum();
    let goodput = |bytes: fn(&MediaWindow) -> u64| {
        let sum: u128 = connected.iter().map(|window| u128::from(bytes(window))).sum();
        (connected_s > 0.0).then(|| sum as f64 * 8.0 / connected_s / 1_000_000.0)
    };
    CallQuality {
        heard: heard(&connected, rating),
        seen: seen(&connected, video),
        goodput_up_mbps: goodput(|window| window.bytes_up),
        goodput_down_mbps: goodput(|window| window.bytes_down),
        leg: leg(&connected),
        connected_s,
    }
}

fn held(window: &MediaWindow, value: f64) -> weighted::Held {
    (value, window.to.0.saturating_sub(window.from.0))
}

fn heard(windows: &[&MediaWindow], constants: &RatingConstants) -> Option<Heard> {
    let rated: Vec<weighted::Held> =
        windows.iter().filter_map(|w| window_rating(w, constants).map(|rating| held(w, rating))).collect();
    let worst = rated.iter().map(|(rating, _)| *rating).fold(f64::INFINITY, f64::min);
    let windows = rated.len();
    weighted::mean(rated).map(|mean| Heard { value: mos(mean), worst: mos(worst), windows })
}

fn seen(windows: &[&MediaWindow], constants: &VideoConstants) -> Option<Seen> {
    let with_picture: Vec<(&MediaWindow, VideoSample)> = windows
        .iter()
        .filter_map(|w| w.video.filter(VideoSample::is_seen).map(|sample| (*w, sample)))
        .collect();
    let median = |value: fn(&VideoSample) -> f64| {
        weighted::median(with_picture.iter().map(|(w, sample)| held(w, value(sample))).collect())
    };
    let (fps, height) = (median(|sample| sample.fps)?, median(|sample| f64::from(sample.height))?);
    let pixels = median(|sample| f64::from(sample.width) * f64::from(sample.height))?;
    let freeze_ratio = freeze_ratio(&with_picture);
    let counted: Vec<u64> = with_picture.iter().filter_map(|(_, sample)| sample.freezes).collect();
    let score = freeze_ratio.map(|ratio| video_score(ratio, fps, pixels, constants));
    Some(Seen {
        freeze_ratio,
        freezes: (!counted.is_empty()).then(|| counted.iter().sum()),
        fps,
        height,
        score,
    })
}

fn freeze_ratio(with_picture: &[(&MediaWindow, VideoSample)]) -> Option<f64> {
    let counting = with_picture.iter().filter_map(|(w, sample)| {
        sample.freeze_seconds.map(|frozen| (frozen.clamp(0.0, w.seconds()), w.seconds()))
    });
    let (frozen, seconds) = counting.fold((0.0, 0.0), |(frozen, seconds), (f, s)| (frozen + f, seconds + s));
    (seconds > 0.0).then(|| frozen / seconds)
}

fn leg(windows: &[&MediaWindow]) -> Option<Leg> {
    let mean = |value: fn(&MediaWindow) -> Option<f64>| {
        weighted::mean(windows.iter().filter_map(|w| value(w).map(|value| held(w, value))))
    };
    Some(Leg { rtt_ms: mean(|w| w.rtt_ms)?, jitter_buffer_ms: mean(|w| w.jitter_buffer_ms)? })
}

#[cfg(test)]
mod tests {
    use bianque_model::Timestamp;

    use super::*;

    fn window(from: i64, to: i64) -> MediaWindow {
        MediaWindow {
            from: Timestamp(0).plus_seconds(from),
            to: Timestamp(0).plus_seconds(to),
            connected: true,
            rtt_ms: Some(40.0),
            far_rtt_ms: Some(20.0),
            jitter_buffer_ms: Some(60.0),
            concealed_samples: 0,
            total_samples: 240_000,
            bytes_up: 500_000,
            bytes_down: 1_000_000,
            video: Some(VideoSample {
                frames_decoded: 100,
                freezes: Some(0),
                freeze_seconds: Some(0.0),
                fps: 20.0,
                width: 640,
                height: 480,
            }),
        }
    }

    fn of(windows: &[MediaWindow]) -> CallQuality {
        call_quality(windows, &RatingConstants::default(), &VideoConstants::default())
    }

    #[test]
    fn a_good_call() {
        let call = of(&[window(0, 5), window(5, 10)]);
        let constants = RatingConstants::default();
        // 20 + 10 + 60 + 26.5 ms one way
        let expected = mos(transmission_rating(116.5, 0.0, &constants));
        assert_eq!(call.heard, Some(Heard { value: expected, worst: expected, windows: 2 }));
        assert_eq!((call.goodput_up_mbps, call.goodput_down_mbps), (Some(0.8), Some(1.6)));
        let seen = call.seen.unwrap();
        assert_eq!(
            (seen.freeze_ratio, seen.fps, seen.height, seen.score),
            (Some(0.0), 20.0, 480.0, Some(5.0))
        );
        assert_eq!(call.leg, Some(Leg { rtt_ms: 40.0, jitter_buffer_ms: 60.0 }));
    }

    #[test]
    fn bad_windows_pull_down_and_the_worst_is_named() {
        let mut bad = window(5, 10);
        bad.concealed_samples = 24_000;
        bad.video = bad.video.map(|video| VideoSample {
            freezes: Some(1),
            freeze_seconds: Some(1.0),
            fps: 5.0,
            ..video
        });
        let call = of(&[window(0, 5), bad, window(10, 15)]);
        let heard = call.heard.unwrap();
        assert!(heard.worst < heard.value && heard.value < 4.4, "{heard:?}");
        let seen = call.seen.unwrap();
        assert_eq!((seen.freezes, seen.fps), (Some(1), 20.0));
        assert!((seen.freeze_ratio.unwrap() - 1.0 / 15.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_not_measured_is_not_invented() {
        assert_eq!(of(&[]), CallQuality::default());
        let mut away = window(0, 5);
        away.connected = false;
        assert_eq!(of(&[away]), CallQuality::default());
        let mut silent = window(0, 5);
        (silent.total_samples, silent.video) = (0, None);
        let call = of(&[silent]);
        assert_eq!((call.heard, call.seen), (None, None));
    }

    #[test]
    fn time_without_a_picture_is_no_time_without_a_freeze() {
        let frozen_for = |from, seconds| {
            let mut window = window(from, from + 5);
            window.video = window.video.map(|video| VideoSample { freeze_seconds: Some(seconds), ..video });
            window
        };
        // A browser reports of pictures also while it receives none: five seconds of sound alone.
        let mut sound = window(5, 10);
        sound.video =
            sound.video.map(|video| VideoSample { frames_decoded: 0, fps: 0.0, height: 0, ..video });
        let seen = of(&[frozen_for(0, 1.0), sound]).seen.unwrap();
        assert_eq!((seen.freeze_ratio, seen.fps, seen.height), (Some(0.2), 20.0, 480.0));
        assert_eq!(of(&[sound]).seen, None);
    }

    #[test]
    fn freezes_that_a_browser_does_not_count_are_not_zero() {
        let mut firefox = window(0, 5);
        firefox.video =
            firefox.video.map(|video| VideoSample { freezes: None, freeze_seconds: None, ..video });
        let seen = of(&[firefox]).seen.unwrap();
        assert_eq!((seen.freeze_ratio, seen.freezes, seen.score, seen.fps), (None, None, None, 20.0));
        // Where somebody changes to a browser that does, its time alone counts.
        let mut chromium = window(5, 10);
        chromium.video = chromium.video.map(|video| VideoSample { freeze_seconds: Some(1.0), ..video });
        assert_eq!(of(&[firefox, chromium]).seen.unwrap().freeze_ratio, Some(0.2));
    }
}
