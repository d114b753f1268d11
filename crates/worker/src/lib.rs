//! Consumers of the outbox, and housekeeping: what nobody waits for.

pub mod audit_trail;
mod corrections;
mod identity;
pub mod lines;
mod pace;
mod scrub;
mod studies;
pub mod subscriptions;

use std::time::Duration;

use bianque_app::records::reindex;
use bianque_app::{App, jobs};
pub use pace::Pace;
use tokio::task::JoinHandle;

/// How often the outbox is read when nothing wakes it.
const EVERY: Duration = Duration::from_secs(30);
/// Rows of one reading.
const BATCH: u32 = 500;

/// Goes on with what a stopped process had begun, then looks after sealed files, slowly and for ever. Abort the handle to
/// stop it.
pub fn look_after(app: App) -> JoinHandle<()> {
    tokio::spawn(scrub::run(app))
}

/// Looks for records that may be one person's after each that is written, for ever. Abort the handle to stop it.
pub fn watch_identities(app: App) -> JoinHandle<()> {
    tokio::spawn(identity::run(app))
}

/// Tells those who saw a result of its correction, for ever. Abort the handle to stop it.
pub fn tell_of_corrections(app: App) -> JoinHandle<()> {
    tokio::spawn(corrections::run(app))
}

/// Lets the resources of studies follow the index of images, for ever. Abort the handle to stop it.
pub fn follow_studies(app: App) -> JoinHandle<()> {
    tokio::spawn(studies::run(app))
}

/// Does the jobs that people asked for, and those that a program before left; looks first whether records are found by what
/// this program writes. Abort the handle to stop it: a job stands where its last piece ended.
pub fn work(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Err(error) = reindex::ensure(&app).await {
            tracing::warn!(%error, "whether records have to be indexed anew is not known yet");
            tokio::time::sleep(EVERY).await;
        }
        jobs::run(app).await;
    })
}

/// Starts the worker. Abort the handle to stop it; every step is a commit of its own, so that no step is half done.
pub fn start(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(EVERY);
        loop {
            tick.tick().await;
            if let Err(error) = round(&app).await {
                tracing::warn!(%error, "housekeeping");
            }
        }
    })
}

/// One round: hands events to their consumers, then removes what has expired and what everyone has read.
async fn round(app: &App) -> Result<(), bianque_app::Error> {
    let mut consumed = 0;
    loop {
        let entries = app.store.outbox(consumed, BATCH).await?;
        let Some((last, ..)) = entries.last() else { break };
        consumed = *last;
        for (_, _, event) in &entries {
            // Live sockets were told when it happened; this counts what happened for whoever watches the server.
            metrics::counter!("bianque_events_total", "topic" => event.topic.clone()).increment(1);
        }
    }
    app.store.sweep(app.clock.now(), consumed).await?;
    app.health.events_were_read(app.clock.now());
    Ok(())
}
