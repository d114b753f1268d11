//! What the patient's device and network can do, tried before the visit.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{bounded, load_as, one_of};
use super::rungs::Standing;
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error};

/// What a device may say of a camera or a microphone.
pub const DEVICE_STATES: [&str; 4] = ["ok", "denied", "missing", "busy"];

/// What one way to the media server was like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WayReport {
    /// Which.
    pub rung: Standing,
    /// Whether anything came through.
    pub passes: bool,
    /// From the start to the connection, ms.
    pub connect_ms: Option<f64>,
    /// Round trip, ms.
    pub rtt_ms: Option<f64>,
    /// Jitter of what came back, ms.
    pub jitter_ms: Option<f64>,
    /// Part of the packets that were lost, 0 to 1.
    pub loss: Option<f64>,
    /// What went up in a test picture, Mbit/s: the line may carry more.
    pub up_mbps: Option<f64>,
    /// What came back of it, Mbit/s.
    pub down_mbps: Option<f64>,
}

/// A device check as the browser reports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceReport {
    /// One of [`DEVICE_STATES`].
    pub camera: String,
    /// The same.
    pub microphone: String,
    /// The patient heard the sound.
    pub speaker: bool,
    /// Measured down rate, Mbit/s.
    pub down_mbps: Option<f64>,
    /// Measured up rate, Mbit/s.
    pub up_mbps: Option<f64>,
    /// Round trip, ms.
    pub rtt_ms: Option<f64>,
    /// Jitter of the round trip, ms.
    pub jitter_ms: Option<f64>,
    /// The browser's name and version.
    #[serde(default)]
    pub browser: String,
    /// The ways that were tried, each once, best first.
    #[serde(default)]
    pub ways: Vec<WayReport>,
}

/// The last device check of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceCheck {
    /// What was reported.
    pub report: DeviceReport,
    /// When.
    pub at: Timestamp,
}

/// Keeps a device check with the visit. Its rates are the probe that T begins with.
pub async fn record(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    report: DeviceReport,
) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Patient]).await?;
    one_of("camera", &report.camera, &DEVICE_STATES)?;
    one_of("microphone", &report.microphone, &DEVICE_STATES)?;
    bounded("browser", &report.browser, 200)?;
    figures(&report)?;
    access.visit.value.device_check = Some(DeviceCheck { report, at: context.now });
    let mut change = Change::new(app, context);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, "visit.device-check", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

/// The most that is believed of a rate, Mbit/s, and of a time, ms.
const MOST_MBPS: f64 = 100_000.0;
const MOST_MS: f64 = 600_000.0;

fn figures(report: &DeviceReport) -> Result<(), Error> {
    within("down_mbps", report.down_mbps, MOST_MBPS)?;
    within("up_mbps", report.up_mbps, MOST_MBPS)?;
    within("rtt_ms", report.rtt_ms, MOST_MS)?;
    within("jitter_ms", report.jitter_ms, MOST_MS)?;
    for (index, way) in report.ways.iter().enumerate() {
        if way.rung == Standing::None {
            return Err(Error::field("field.value", "ways", "\"none\" is not a way"));
        }
        if report.ways[..index].iter().any(|other| other.rung == way.rung) {
            return Err(Error::field("field.value", "ways", "a way is there twice"));
        }
        within("ways.connect_ms", way.connect_ms, MOST_MS)?;
        within("ways.rtt_ms", way.rtt_ms, MOST_MS)?;
        within("ways.jitter_ms", way.jitter_ms, MOST_MS)?;
        within("ways.loss", way.loss, 1.0)?;
        within("ways.up_mbps", way.up_mbps, MOST_MBPS)?;
        within("ways.down_mbps", way.down_mbps, MOST_MBPS)?;
    }
    Ok(())
}

fn within(field: &'static str, value: Option<f64>, most: f64) -> Result<(), Error> {
    if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
        return Err(Error::field("field.range", field, format!("{field} is not between 0 and {most}")));
    }
    Ok(())
}
