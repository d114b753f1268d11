//! How the audit itself stands: how long its chains are, when they were last checked, and how far they are off the machine.

use bianque_model::{Context, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::checkpoint;
use super::verify::Report;
use crate::aggregate::Aggregate;
use crate::{App, Change, Error, health, instant, policy};

/// The last time that the chains were walked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verified {
    at: Timestamp,
    sound: bool,
    rows: u64,
    checkpoints: usize,
}

impl Aggregate for Verified {
    const KIND: &'static str = "audit-verified";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        "last".to_owned()
    }
}

/// Remembers what a walk found.
pub(super) async fn remember(app: &App, report: &Report) -> Result<(), Error> {
    let context = super::server(app);
    let rows = report.chains.iter().map(|chain| chain.rows).sum();
    let mut change = Change::new(app, &context).bulk();
    change.save(&Verified { at: context.now, sound: report.sound, rows, checkpoints: report.checkpoints })?;
    change.commit().await.map(|_| ())
}

/// Heads, signed checkpoints of them, the last check, and what waits to be sent, for an administrator of the first tenant: chains are of
/// the machine, and how fast they grow says how much others do.
pub async fn show(app: &App, context: &Context) -> Result<Value, Error> {
    policy::operator(context)?;
    let mut chains = Vec::new();
    for checkpoint in checkpoint::take(app).await? {
        chains.push(json!({
            "chain": checkpoint.chain, "rows": checkpoint.count, "head": checkpoint.link,
            "checkpoint": checkpoint.sign(app)?,
        }));
    }
    let verified = app.load::<Verified>(checkpoint::TENANT, "last").await?.map(|loaded| {
        let Verified { at, sound, rows, checkpoints } = loaded.value;
        json!({"at": instant::text(at), "sound": sound, "rows": rows, "checkpoints": checkpoints})
    });
    let export = health::exporting(app).await?.map(|export| {
        json!({
            "waiting": export.waiting, "sent_at": export.sent.map(instant::text),
            "failed_since": export.failed.map(instant::text),
        })
    });
    Ok(json!({"at": instant::text(context.now), "chains": chains, "verified": verified, "export": export}))
}
