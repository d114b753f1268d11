//! Statistics of a call, kept in windows of about five seconds: the server's own and what each browser reports.

use bianque_media::{EstimateSource, Rung, StatsWindow};
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_quality::{MediaWindow, RateWindow, Source, VideoSample, application_limited};
use bianque_store::StateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::device_check::DeviceCheck;
use super::{Visit, legs};
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::{App, Change, Error, instant};

/// Windows of one visit that are read back: more than four hours of eight reporters.
const MOST: u32 = 25_000;
/// A browser's window may be at most this long; a sleeping page reports nothing for a while and then too much.
const LONGEST_S: f64 = 60.0;

/// What one reporter measured for one participant in one window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Window {
    /// The Encounter.
    pub visit: ResourceId,
    /// Whose connection.
    pub participant: String,
    /// `patient`, `clinician`, `consultant`.
    pub role: String,
    /// What the connection could carry.
    pub rate: RateWindow,
    /// What the call did with it; from browsers.
    pub media: Option<MediaWindow>,
    /// Round trip as the server measured it, ms.
    pub rtt_ms: Option<f64>,
    /// Lost part of the packets from the participant, 0 to 1.
    pub loss: Option<f64>,
    /// Payload from the participant, bit/s.
    pub goodput_up_bps: Option<f64>,
    /// Payload to the participant, bit/s.
    pub goodput_down_bps: Option<f64>,
    /// What carried it; from the server.
    #[serde(default)]
    pub transport: Option<Rung>,
}

impl Aggregate for Window {
    const KIND: &'static str = "window";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        // A sound session may begin a window at the same moment as the WebRTC session beside it.
        let reporter = match self.transport {
            Some(Rung::Sound) => "sound",
            _ => self.rate.source.code(),
        };
        format!("{}|{}|{reporter}|{}", self.visit, self.participant, self.rate.from.0)
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str())]
    }
}

/// Statistics as a browser reports them: counts are of this window alone.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserStats {
    /// When the window began, RFC 3339.
    pub from: String,
    /// When it ended.
    pub to: String,
    /// Round trip to the server, ms.
    pub rtt_ms: Option<f64>,
    /// `availableOutgoingBitrate`, bit/s; Firefox has none.
    pub available_out_bps: Option<f64>,
    /// Bytes sent.
    #[serde(default)]
    pub bytes_up: f64,
    /// Bytes received.
    #[serde(default)]
    pub bytes_down: f64,
    /// What was heard.
    pub audio: Option<BrowserAudio>,
    /// What was seen.
    pub video: Option<BrowserVideo>,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserAudio {
    /// `concealedSamples` of this window.
    pub concealed: f64,
    /// `totalSamplesReceived` of this window.
    pub total: f64,
    /// Mean delay of the jitter buffer, ms.
    pub jitter_buffer_ms: Option<f64>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrowserVideo {
    /// Frames decoded.
    pub frames_decoded: f64,
    /// Freezes that began; Firefox does not count them.
    pub freezes: Option<f64>,
    /// Time frozen, s; the same.
    pub freeze_seconds: Option<f64>,
    /// Frames per second.
    pub fps: Option<f64>,
    /// Width, px.
    pub width: Option<f64>,
    /// Height, px.
    pub height: Option<f64>,
}

/// Keeps a window that the server measured.
pub async fn from_server(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    participant: &str,
    role: &str,
    stats: &StatsWindow,
) -> Result<(), Error> {
    let estimate = stats.estimate_down.filter(|estimate| estimate.source == EstimateSource::ServerTwcc);
    let window = Window {
        visit: visit.clone(),
        participant: participant.to_owned(),
        role: role.to_owned(),
        rate: RateWindow {
            from: stats.from,
            to: stats.to,
            connected: stats.connected,
            available_up_bps: None,
            available_down_bps: estimate.map(|estimate| estimate.bps as f64),
            source: Source::ServerEstimate,
            application_limited: stats.application_limited,
        },
        media: None,
        rtt_ms: stats.rtt_ms,
        loss: stats.loss_up,
        goodput_up_bps: Some(stats.goodput_up_bps as f64),
        goodput_down_bps: Some(stats.goodput_down_bps as f64),
        transport: stats.transport,
    };
    keep(app, context, &window).await
}

/// Keeps a window that a browser measured; what cannot be true is refused.
pub async fn from_browser(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    participant: &str,
    role: &str,
    stats: &BrowserStats,
) -> Result<(), Error> {
    let (from, to) = span(context, stats)?;
    let seconds = to.seconds_since(from);
    let up_bps = stats.bytes_up.max(0.0) * 8.0 / seconds;
    let rate = RateWindow {
        from,
        to,
        connected: true,
        available_up_bps: stats.available_out_bps,
        available_down_bps: None,
        source: Source::BrowserEstimate,
        application_limited: stats
            .available_out_bps
            .is_none_or(|estimate| application_limited(up_bps, estimate)),
    };
    let window = Window {
        visit: visit.clone(),
        participant: participant.to_owned(),
        role: role.to_owned(),
        rate,
        media: Some(media(stats, from, to)),
        rtt_ms: stats.rtt_ms,
        loss: None,
        goodput_up_bps: None,
        goodput_down_bps: None,
        transport: None,
    };
    keep(app, context, &window).await
}

/// All windows of a visit, in the order of time; those of browsers with the legs of their path.
pub async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Vec<Window>, Error> {
    let key = visit.as_str();
    let mut windows: Vec<Window> = app
        .list::<Window>(context.tenant, "visit", key..=key, MOST)
        .await?
        .into_iter()
        .map(|Loaded { value, .. }| value)
        .collect();
    windows.sort_by_key(|window| window.rate.from);
    legs::fill(&mut windows);
    Ok(windows)
}

/// The patient's rate windows, and the device check as the probe they begin with.
pub fn patient_rates(visit: &Visit, windows: &[Window]) -> Vec<RateWindow> {
    let probe = visit.device_check.as_ref().and_then(probe);
    let measured = windows.iter().filter(|window| window.role == "patient").map(|window| window.rate);
    probe.into_iter().chain(measured).collect()
}

fn probe(check: &DeviceCheck) -> Option<RateWindow> {
    let bps = |mbps: Option<f64>| mbps.map(|mbps| mbps * 1e6);
    let report = &check.report;
    (report.down_mbps.is_some() || report.up_mbps.is_some()).then(|| RateWindow {
        from: check.at,
        to: check.at.plus_seconds(1),
        connected: true,
        available_up_bps: bps(report.up_mbps),
        available_down_bps: bps(report.down_mbps),
        source: Source::Probe,
        application_limited: false,
    })
}

fn media(stats: &BrowserStats, from: Timestamp, to: Timestamp) -> MediaWindow {
    let audio = stats.audio.as_ref();
    MediaWindow {
        from,
        to,
        connected: true,
        rtt_ms: stats.rtt_ms,
        far_rtt_ms: None,
        jitter_buffer_ms: audio.and_then(|audio| audio.jitter_buffer_ms),
        concealed_samples: audio.map_or(0, |audio| whole(audio.concealed)),
        total_samples: audio.map_or(0, |audio| whole(audio.total)),
        bytes_up: whole(stats.bytes_up),
        bytes_down: whole(stats.bytes_down),
        video: stats.video.as_ref().map(|video| VideoSample {
            frames_decoded: whole(video.frames_decoded),
            freezes: video.freezes.map(whole),
            freeze_seconds: video.freeze_seconds.map(|seconds| seconds.max(0.0)),
            fps: video.fps.unwrap_or(0.0).max(0.0),
            width: u32::try_from(whole(video.width.unwrap_or(0.0))).unwrap_or(0),
            height: u32::try_from(whole(video.height.unwrap_or(0.0))).unwrap_or(0),
        }),
    }
}

/// The window's span moved to the server's clock: a browser's clock may be wrong, its lengths are not.
fn span(context: &Context, stats: &BrowserStats) -> Result<(Timestamp, Timestamp), Error> {
    let invalid = || Error::field("stats.window", "from", "the window is not one of up to 60 s");
    let from = instant::parse(&stats.from).ok_or_else(invalid)?;
    let to = instant::parse(&stats.to).ok_or_else(invalid)?;
    let length = to.0.checked_sub(from.0).ok_or_else(invalid)?;
    if length <= 0 || to.seconds_since(from) > LONGEST_S {
        return Err(invalid());
    }
    Ok((Timestamp(context.now.0 - length), context.now))
}

/// A count out of a browser's double.
fn whole(value: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped; `as` saturates and NaN is 0"
    )]
    let count = value.clamp(0.0, 1e15) as u64;
    count
}

async fn keep(app: &App, context: &Context, window: &Window) -> Result<(), Error> {
    let mut change = Change::new(app, context).bulk();
    change.save(window)?;
    change.commit().await.map(drop)
}
