//! Telling subscribers: every subscription that runs is followed by a task of its own, from its own place, so that who is
//! slow or down holds up nobody else.

mod gate;
mod line;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bianque_app::records::subscriptions::{Feed, open, running};
use bianque_app::{App, Error};
use bianque_model::{ResourceId, TenantId};
use tokio::task::JoinHandle;

use crate::pace::Pace;
use gate::Gate;
use line::Line;

/// How often it is looked whether all that are to run do, besides whenever one is written.
const EVERY: Duration = Duration::from_secs(5);
/// How soon it is noticed that one was written.
const NOTICED: Duration = Duration::from_millis(50);
/// What is written together is looked at together.
const GATHER: Duration = Duration::from_millis(10);

/// Starts telling subscribers. Abort the handle to stop it: what was under way is told again by the next process.
pub fn start(app: App, pace: Pace) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut newest = app.store.newest_version();
        let mut desk = Desk {
            place: *newest.borrow_and_update(),
            app,
            pace,
            feed: Arc::default(),
            gate: Arc::default(),
            lines: Lines::default(),
        };
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                _ = tick.tick() => desk.look().await,
                changed = newest.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    tokio::time::sleep(NOTICED).await;
                    newest.mark_unchanged();
                    desk.read().await
                }
            };
            if let Err(error) = done {
                tracing::warn!(%error, "subscriptions are looked at again");
            }
        }
    })
}

/// Who looks after all of them.
struct Desk {
    app: App,
    pace: Pace,
    feed: Arc<Feed>,
    gate: Arc<Gate>,
    lines: Lines,
    /// Up to this number it is known which subscriptions were written.
    place: u64,
}

/// The tasks. They end with this.
#[derive(Default)]
struct Lines(HashMap<(TenantId, ResourceId), Task>);

struct Task {
    /// The version of the Subscription that it runs by.
    version: u64,
    handle: JoinHandle<()>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

impl Desk {
    /// Takes notice of subscriptions that were written.
    async fn read(&mut self) -> Result<(), Error> {
        loop {
            let read = self.app.store.versions_after(self.place, vec!["Subscription".to_owned()]).await?;
            for (number, tenant, stored) in read.rows {
                let key = (tenant, stored.id);
                // What the server itself wrote when it began is known.
                if self.lines.0.get(&key).is_none_or(|task| task.version < stored.version) {
                    self.open(key).await?;
                }
                self.place = number;
            }
            if self.place >= read.through {
                return Ok(());
            }
            self.place = read.through;
        }
    }

    /// Looks whether all that are to run do, and none else.
    async fn look(&mut self) -> Result<(), Error> {
        let active = &self.app.tenants;
        self.lines.0.retain(|(tenant, _), task| !task.handle.is_finished() && active.is_active(*tenant));
        for key in running(&self.app).await? {
            if !self.lines.0.contains_key(&key) {
                self.open(key).await?;
            }
        }
        metrics::gauge!("bianque_subscriptions_running").set(self.lines.0.len() as f64);
        Ok(())
    }

    /// Begins one as it stands now, if it is to run.
    async fn open(&mut self, key: (TenantId, ResourceId)) -> Result<(), Error> {
        // The one before has its last word written or not before the next reads it.
        drop(self.lines.0.remove(&key));
        match open(&self.app, key.0, &key.1).await {
            Ok(None) => Ok(()),
            Ok(Some(running)) => {
                let version = running.version;
                let line =
                    Line::new(self.app.clone(), running, self.pace, &self.feed, Arc::clone(&self.gate));
                let handle = tokio::spawn(line.run());
                self.lines.0.insert(key, Task { version, handle });
                Ok(())
            }
            // Somebody writes it meanwhile, or the task before was cut off while it wrote: it is opened with the next look.
            Err(error) => {
                tracing::info!(subscription = %key.1, %error, "a subscription is opened again");
                Ok(())
            }
        }
    }
}
