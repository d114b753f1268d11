//! `bianque keys rotate`, `shred`, `hold` and `scrub`: what an operator does to records, through the running server or on
//! the folder itself.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use bianque_app::App;
use bianque_app::records::retention::hold::{self, Placing};
use bianque_app::records::{scrub, shred};
use bianque_app::tenants::operator;
use bianque_model::{ResourceId, TenantId};

use crate::cli::{FolderFlags, RotateFlags, ShredFlags};
use crate::config::Config;
use crate::control::{self, Answer, Request};
use crate::open;

/// The folder has never been used by a server.
const UNINITIALISED: u8 = 2;
/// A scrub found files whose bytes are not what was written.
const DAMAGED: u8 = 4;

/// `bianque keys rotate`.
pub(crate) async fn ask_rotate(flags: RotateFlags) -> anyhow::Result<ExitCode> {
    let new = flags.new_master_key.map(std::path::absolute).transpose()?;
    ask(flags.folder, Request::KeysRotate { new }).await
}

/// `bianque shred`.
pub(crate) async fn ask_shred(flags: ShredFlags) -> anyhow::Result<ExitCode> {
    let ShredFlags { tenant, patient, reason, folder } = flags;
    ask(folder, Request::Shred { tenant: tenant.into(), patient, reason }).await
}

/// `bianque hold add` and `bianque hold remove`.
pub(crate) async fn ask_hold(add: bool, flags: ShredFlags) -> anyhow::Result<ExitCode> {
    let ShredFlags { tenant, patient, reason, folder } = flags;
    ask(folder, Request::Hold { add, tenant: tenant.into(), patient, reason }).await
}

/// `bianque scrub`.
pub(crate) async fn ask_scrub(flags: FolderFlags) -> anyhow::Result<ExitCode> {
    ask(flags, Request::Scrub).await
}

async fn ask(folder: FolderFlags, request: Request) -> anyhow::Result<ExitCode> {
    let config = Config::decide(&folder.into())?;
    if !open::is_initialised(&config.data) {
        tracing::error!("{} is not initialised: there is nothing in it", config.data.display());
        return Ok(ExitCode::from(UNINITIALISED));
    }
    let is_scrub = matches!(request, Request::Scrub);
    match control::ask_or_open(&config, request).await? {
        Answer::Done(told) => {
            use std::io::Write;
            writeln!(std::io::stdout().lock(), "{told}")?;
            let found: serde_json::Value = serde_json::from_str(&told).unwrap_or_default();
            let damaged = is_scrub && found["corrupt"].as_array().is_some_and(|corrupt| !corrupt.is_empty());
            Ok(if damaged { ExitCode::from(DAMAGED) } else { ExitCode::SUCCESS })
        }
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}

/// Shreds a patient's record; a summary as JSON.
pub(crate) async fn shred(
    app: &App,
    tenant: TenantId,
    patient: &str,
    reason: &str,
) -> anyhow::Result<String> {
    let patient = patient.parse().context("patient")?;
    let shredded = shred::shred(app, tenant, &patient, reason).await?;
    Ok(serde_json::to_string(&shredded)?)
}

/// Puts a hold on a record, or takes it away.
pub(crate) async fn put_hold(
    app: &App,
    add: bool,
    tenant: TenantId,
    patient: &str,
    reason: &str,
) -> anyhow::Result<String> {
    let patient: ResourceId = patient.parse().context("patient")?;
    let context = operator(app, tenant)?;
    if add {
        let placing = Placing { patient_id: patient.clone(), reason: reason.to_owned() };
        hold::place(app, &context, placing).await?;
    } else {
        hold::lift(app, &context, &patient, reason).await?;
    }
    Ok(serde_json::json!({"patient": patient, "hold": add}).to_string())
}

/// Scrubs, as fast as the disk allows.
pub(crate) async fn scrub(app: &App) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&scrub::scrub(app, Duration::ZERO).await?)?)
}
