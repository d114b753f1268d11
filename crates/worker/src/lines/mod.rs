//! HL7 v2 out: one task reads what happens and makes messages, and one for each destination sends them, so that one that
//! is slow or down holds up nobody else.

mod sender;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use bianque_app::messages::out::destinations;
use bianque_app::messages::out::follow::Follower;
use bianque_app::{App, Error};
use bianque_model::{ResourceId, TenantId};
use tokio::task::JoinHandle;

use crate::pace::Pace;

/// How often it is looked whether every destination has its task, besides whenever one is made or taken away.
const EVERY: Duration = Duration::from_secs(5);
/// How long is waited after the store did not answer.
const LATER: Duration = Duration::from_secs(1);
/// What is written together is read together.
const GATHER: Duration = Duration::from_millis(10);

/// Starts making messages. Abort the handle to stop it: what was not made is made by the next process.
pub fn follow(app: App) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut newest = app.store.newest_version();
        loop {
            let mut follower = match Follower::begin(&app).await {
                Ok(follower) => follower,
                Err(error) => {
                    tracing::warn!(%error, "how far other systems were told is not known yet");
                    tokio::time::sleep(LATER).await;
                    continue;
                }
            };
            loop {
                newest.mark_unchanged();
                match follower.round(&app).await {
                    Ok(true) => {}
                    Ok(false) => {
                        if newest.changed().await.is_err() {
                            return;
                        }
                        tokio::time::sleep(GATHER).await;
                    }
                    // The same version is read again.
                    Err(error) => {
                        tracing::warn!(%error, "a message to another system is made later");
                        tokio::time::sleep(LATER).await;
                    }
                }
            }
        }
    })
}

/// Starts sending. Abort the handle to stop it: what was on its way goes again.
pub fn send(app: App, pace: Pace) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut renewals = app.out.renewals();
        let mut tasks = Tasks::default();
        loop {
            renewals.mark_unchanged();
            if let Err(error) = look(&app, pace, &mut tasks).await {
                tracing::warn!(%error, "destinations are looked at again");
            }
            let _ = tokio::time::timeout(EVERY, renewals.changed()).await;
        }
    })
}

/// The tasks of destinations. They end with this.
#[derive(Default)]
struct Tasks(HashMap<(TenantId, ResourceId), JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.values().for_each(JoinHandle::abort);
    }
}

/// Begins a task for each destination that has none.
async fn look(app: &App, pace: Pace, tasks: &mut Tasks) -> Result<(), Error> {
    tasks.0.retain(|_, task| !task.is_finished());
    for (tenant, id) in destinations::all(app).await? {
        tasks
            .0
            .entry((tenant, id.clone()))
            .or_insert_with(|| tokio::spawn(sender::run(app.clone(), pace, tenant, id)));
    }
    metrics::gauge!("bianque_hl7v2_destinations").set(tasks.0.len() as f64);
    Ok(())
}
