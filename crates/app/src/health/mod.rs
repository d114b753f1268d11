//! Health of the parts: what each does, whether that is good, and how it was in the last hours.
//!
//! What only the process knows (disk, certificate, calls) is put on the [`Board`] by whoever runs it; what the store knows
//! is asked when somebody looks. `judge` says what it means. Nothing here is about a person.

mod board;
mod judge;
mod kept;
#[cfg(test)]
mod tests;

use bianque_model::{Context, TenantId, Timestamp};
use bianque_store::Chain;
use serde::Serialize;
use serde_json::{Value, json};

pub use board::{Board, Certificate, DayPack, Machine, Media, Sample};
pub use judge::{Judged, State};
pub(crate) use kept::remember;
pub use kept::{BackupTaken, ScrubDone, backup_taken};

use crate::audit::export::Export;
use crate::identity::accounts::Account;
use crate::{App, Error, instant, policy};

/// Rows of the outbox and of the audit that are counted; more are told as this many.
const COUNTED: u32 = 1_000;

/// Everything that is judged.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Now.
    pub now: i64,
    /// What the process knows.
    pub machine: Machine,
    /// What the store says of itself.
    pub store: bianque_store::Figures,
    /// The last scrub.
    pub scrub: Option<ScrubDone>,
    /// The last backup.
    pub backup: Option<BackupTaken>,
    /// When the first account was made: how old the installation is.
    pub since: Option<Timestamp>,
    /// The audit on its way off the machine.
    pub export: Option<Exporting>,
    /// Events that nobody has read yet.
    pub events: u64,
    /// When events were last read.
    pub events_read: Option<Timestamp>,
    /// When the process started.
    pub started: Timestamp,
}

/// How far the audit got.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exporting {
    /// Rows that wait.
    pub waiting: u64,
    /// When the oldest of them was written.
    #[serde(skip)]
    pub oldest: Option<Timestamp>,
    /// When rows with a signed checkpoint were last sent.
    #[serde(skip)]
    pub sent: Option<Timestamp>,
    /// When sending last failed, if it has not worked since.
    #[serde(skip)]
    pub failed: Option<Timestamp>,
}

/// The health of every part, and the last hours, for an administrator of the first tenant.
pub async fn show(app: &App, context: &Context) -> Result<Value, Error> {
    policy::operator(context)?;
    let facts = facts(app, context.now).await?;
    let parts = judge::all(&facts);
    let worst = parts.iter().map(|part| part.state).max().unwrap_or(State::Good);
    let history: Vec<Value> = app.health.history().iter().map(Sample::shown).collect();
    Ok(json!({
        "at": instant::text(context.now),
        "version": facts.machine.version,
        "started_at": instant::text(facts.started),
        "state": worst,
        "parts": parts,
        "history": history,
    }))
}

/// Whether all is well, with what is not: what a banner needs.
pub async fn summary(app: &App, context: &Context) -> Result<Value, Error> {
    policy::operator(context)?;
    let parts = judge::all(&facts(app, context.now).await?);
    let worst = parts.iter().map(|part| part.state).max().unwrap_or(State::Good);
    let bad: Vec<&str> = parts.iter().filter(|part| part.state == State::Bad).map(|part| part.id).collect();
    Ok(json!({"state": worst, "bad": bad}))
}

/// The judgement of every part, for metrics.
pub async fn parts(app: &App) -> Result<Vec<Judged>, Error> {
    Ok(judge::all(&facts(app, app.clock.now()).await?))
}

async fn facts(app: &App, now: Timestamp) -> Result<Facts, Error> {
    let tenant = TenantId::FIRST;
    let first = app.list::<Account>(tenant, "all", "account"..="account", 1).await?.pop();
    let scrub = app.load::<ScrubDone>(tenant, kept::LAST).await?;
    let backup = app.load::<BackupTaken>(tenant, kept::LAST).await?;
    Ok(Facts {
        now: now.0,
        machine: app.health.machine(),
        store: app.store.figures(),
        scrub: scrub.map(|loaded| loaded.value),
        backup: backup.map(|loaded| loaded.value),
        since: first.map(|loaded| loaded.value.created_at),
        export: exporting(app).await?,
        events: app.store.outbox(0, COUNTED).await?.len() as u64,
        events_read: app.health.events_read(),
        started: app.health.started(),
    })
}

/// How far the audit got on its way off the machine; none: it is not sent anywhere.
pub(crate) async fn exporting(app: &App) -> Result<Option<Exporting>, Error> {
    let Some((name, failed)) = app.health.export() else { return Ok(None) };
    let reached = app.load::<Export>(TenantId::FIRST, &name).await?;
    let sent = reached.as_ref().map(|loaded| loaded.last_updated);
    let reached = reached.map(|loaded| loaded.value).unwrap_or_default();
    let mut exporting = Exporting { sent, failed, ..Exporting::default() };
    for (chain, position) in [(Chain::Writes, reached.writes), (Chain::Reads, reached.reads)] {
        let waiting = app.store.audit_after(chain, position, COUNTED).await?;
        exporting.waiting += waiting.len() as u64;
        let oldest = waiting.first().map(|found| found.row.at);
        exporting.oldest = [exporting.oldest, oldest].into_iter().flatten().min();
    }
    Ok(Some(exporting))
}
