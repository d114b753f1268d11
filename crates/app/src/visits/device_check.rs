//! What the patient's device and network can do, tried before the visit.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::{bounded, load_as, one_of};
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error};

/// What a device may say of a camera or a microphone.
pub const DEVICE_STATES: [&str; 4] = ["ok", "denied", "missing", "busy"];

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
    for (field, value, most) in [
        ("down_mbps", report.down_mbps, 100_000.0),
        ("up_mbps", report.up_mbps, 100_000.0),
        ("rtt_ms", report.rtt_ms, 600_000.0),
        ("jitter_ms", report.jitter_ms, 600_000.0),
    ] {
        if value.is_some_and(|value| !(0.0..=most).contains(&value)) {
            return Err(Error::field("field.range", field, format!("{field} is not between 0 and {most}")));
        }
    }
    access.visit.value.device_check = Some(DeviceCheck { report, at: context.now });
    let mut change = Change::new(app, context);
    change.update(&access.visit)?;
    change.audit(AuditAction::U, "visit.device-check", Some(&access.visit.value.patient), &access.entity());
    change.commit().await?;
    access.tell(app, context, What::Visit);
    Ok(())
}
