//! Windows: what was measured, over which stretch of time.
//!
//! A call is written down in windows of about [`WINDOW_SECONDS`]. Two kinds stand apart because they come from different
//! places: [`RateWindow`], what the connection could carry, and [`MediaWindow`], what the call did with it.

use bianque_model::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a window normally is, in seconds. Nothing depends on it: every figure is weighted by real time.
pub const WINDOW_SECONDS: i64 = 5;

/// The share of an estimate that has to be in use before the estimate says something about the connection.
const IN_USE: f64 = 0.8;

/// Who measured a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The server's bandwidth estimate towards the patient (transport-wide congestion control).
    ServerEstimate,
    /// The patient's browser: `availableOutgoingBitrate` of WebRTC statistics. Firefox does not have it.
    BrowserEstimate,
    /// The transfer before or during the visit that measures the connection by filling it.
    Probe,
}

impl Source {
    /// In the order of preference of the method.
    pub const ALL: [Self; 3] = [Self::ServerEstimate, Self::BrowserEstimate, Self::Probe];

    /// The code as the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ServerEstimate => "server-estimate",
            Self::BrowserEstimate => "browser-estimate",
            Self::Probe => "probe",
        }
    }
}

/// One reading, by one source, of what the patient's connection could carry.
///
/// While a call runs its session writes windows without gaps, with empty rates where nothing is known: they also say
/// when the patient was connected.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateWindow {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; a window that does not end after it begins is ignored.
    pub to: Timestamp,
    /// Whether media could flow. A probe says nothing about this.
    pub connected: bool,
    /// From the patient, bit/s. Negative and not finite readings are ignored.
    pub available_up_bps: Option<f64>,
    /// To the patient, bit/s. Negative and not finite readings are ignored.
    pub available_down_bps: Option<f64>,
    /// Who measured.
    pub source: Source,
    /// The sender had too little to send for the estimate to reach what the connection could carry: the reading says
    /// how much was tried, not how much was possible. See [`application_limited`].
    pub application_limited: bool,
}

/// Whether an estimate was limited by the application: what was sent stayed below 80 % of the estimate.
///
/// A bandwidth estimator grows its estimate only while the sender uses it; below that share it is a lower bound.
pub fn application_limited(sent_bps: f64, estimate_bps: f64) -> bool {
    sent_bps < IN_USE * estimate_bps
}

/// What a call delivered to one participant in one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaWindow {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; a window that does not end after it begins is ignored.
    pub to: Timestamp,
    /// Whether media could flow.
    pub connected: bool,
    /// Round trip between participant and server, ms.
    pub rtt_ms: Option<f64>,
    /// Round trip between the server and whoever is heard, ms, as [`far`](crate::far) finds it in the windows of the
    /// others; none: the path is taken as this leg alone.
    pub far_rtt_ms: Option<f64>,
    /// Mean delay of the audio jitter buffer, ms.
    pub jitter_buffer_ms: Option<f64>,
    /// Audio samples that were invented in this window (`concealedSamples`).
    pub concealed_samples: u64,
    /// Audio samples that were played in this window (`totalSamplesReceived`).
    pub total_samples: u64,
    /// Payload sent by the participant in this window, bytes.
    pub bytes_up: u64,
    /// Payload received by the participant in this window, bytes.
    pub bytes_down: u64,
    /// What was seen, where there was video.
    pub video: Option<VideoSample>,
}

/// Video as it was seen in one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VideoSample {
    /// Frames that were decoded.
    pub frames_decoded: u64,
    /// Freezes that began; none where the browser does not count them, as Firefox does not.
    pub freezes: Option<u64>,
    /// Time spent frozen, s; the same.
    pub freeze_seconds: Option<f64>,
    /// Frames per second.
    pub fps: f64,
    /// Width, px.
    pub width: u32,
    /// Height, px.
    pub height: u32,
}

impl VideoSample {
    /// Whether there was a picture: a browser also reports of one when nobody sends any.
    pub fn is_seen(&self) -> bool {
        self.frames_decoded > 0 || self.freeze_seconds.is_some_and(|seconds| seconds > 0.0)
    }
}

impl MediaWindow {
    /// Its length in seconds, zero when its ends are the wrong way round.
    pub fn seconds(&self) -> f64 {
        self.to.seconds_since(self.from).max(0.0)
    }

    /// The share of played samples that were invented, 0 to 1; none when nothing was played.
    pub fn concealment(&self) -> Option<f64> {
        (self.total_samples > 0)
            .then(|| (self.concealed_samples as f64 / self.total_samples as f64).clamp(0.0, 1.0))
    }
}
