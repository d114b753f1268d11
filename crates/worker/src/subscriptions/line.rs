//! One subscription: from its place on, what matches is told, in order, each until it is known.

use std::sync::Arc;
use std::time::Duration;

use bianque_app::records::subscriptions::{
    Considered, Delivery, Ended, Feed, Following, Running, Version, consider, deliver, ended, stop,
};
use bianque_app::{App, Error};
use bianque_model::Context;
use tokio::sync::watch;
use tokio::time::Instant;

use super::GATHER;
use super::gate::Gate;
use crate::pace::Pace;

/// How often it is looked when nothing is written: whether the end has come.
const EVERY: Duration = Duration::from_secs(30);
/// How far it got is written this often while there is something to tell. What was told since is told again after a crash.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);
/// Versions that may be passed over before that is written; they would only be looked at again.
const PASSED: u64 = 5_000;

/// A subscription that is followed.
pub(super) struct Line {
    app: App,
    running: Running,
    pace: Pace,
    following: Following,
    gate: Arc<Gate>,
    newest: watch::Receiver<u64>,
    /// The version whose telling was begun.
    begun: Option<u64>,
    written: Instant,
}

/// What comes next.
enum Next {
    /// The next version.
    On,
    /// The same version again.
    Again,
    /// Nothing.
    Over(Ended),
}

impl Line {
    pub(super) fn new(app: App, running: Running, pace: Pace, feed: &Arc<Feed>, gate: Arc<Gate>) -> Self {
        let (following, newest) = (feed.follow(running.resource_type()), app.store.newest_version());
        Self { app, running, pace, following, gate, newest, begun: None, written: Instant::now() }
    }

    /// Runs until the subscription ends.
    pub(super) async fn run(mut self) {
        let mut faults = 0;
        let how = loop {
            match self.round().await {
                Ok(Some(ended)) => break ended,
                Ok(None) => faults = 0,
                // The store does not answer now. That is no fault of the subscriber.
                Err(error) => {
                    tracing::warn!(subscription = %self.running.id, %error, "a subscription waits");
                    faults += 1;
                    self.wait(faults).await;
                }
            }
        };
        // Why is for who reads the subscription: it may say what somebody typed.
        if how != Ended::Gone {
            tracing::warn!(subscription = %self.running.id, "a subscription is stopped");
        }
        while let Err(error) = stop(&self.app, &mut self.running, &how).await {
            tracing::warn!(subscription = %self.running.id, %error, "a subscription is not stopped yet");
            faults += 1;
            self.wait(faults).await;
        }
    }

    /// What is new since its place, then a wait for more.
    async fn round(&mut self) -> Result<Option<Ended>, Error> {
        if let Some(over) = ended(&self.app, &self.running) {
            return Ok(Some(over));
        }
        self.newest.mark_unchanged();
        let place = self.running.progress.place;
        let batch = self.following.after(&self.app, self.running.tenant, place).await?;
        for version in &batch.versions {
            match self.one(version).await? {
                Next::On => self.running.progress.place = version.number,
                Next::Again => return Ok(None),
                Next::Over(ended) => return Ok(Some(ended)),
            }
            if !self.write_down(WRITTEN_EVERY).await? {
                return Ok(Some(Ended::Gone));
            }
        }
        self.running.progress.place = batch.through.max(self.running.progress.place);
        if batch.through > place {
            return Ok(None);
        }
        if !self.write_down(Duration::ZERO).await? {
            return Ok(Some(Ended::Gone));
        }
        if tokio::time::timeout(EVERY, self.newest.changed()).await.is_ok() {
            tokio::time::sleep(GATHER).await;
        }
        Ok(None)
    }

    async fn one(&mut self, version: &Version) -> Result<Next, Error> {
        match consider(&self.app, &mut self.running, version).await? {
            Considered::Passed => Ok(Next::On),
            Considered::Over(ended) => Ok(Next::Over(ended)),
            Considered::Matches(context) => self.tell(&context, version).await,
        }
    }

    /// Tells once. After a failure and a wait, everything about the version is considered anew.
    async fn tell(&mut self, context: &Context, version: &Version) -> Result<Next, Error> {
        let is_first = self.begun.replace(version.number) != Some(version.number);
        let delivery = {
            let _pass = match self.running.host() {
                Some(host) => Some(self.gate.pass(&host).await),
                None => None,
            };
            deliver(&self.app, context, &self.running, version, is_first).await?
        };
        let now = self.app.clock.now();
        let (result, why) = match delivery {
            Delivery::Told => {
                count("told");
                self.running.progress.told(now);
                return Ok(Next::On);
            }
            Delivery::Failed(why) => ("failed", why),
            Delivery::Hopeless(why) => ("hopeless", why),
        };
        count(result);
        self.running.progress.failed(now, why.clone());
        let patience = f64::from(self.app.settings.subscription_patience_s);
        let since = self.running.progress.failing_since.unwrap_or(now);
        if result == "hopeless" || now.seconds_since(since) >= patience {
            return Ok(Next::Over(Ended::Error(why)));
        }
        if !self.running.save(&self.app).await? {
            return Ok(Next::Over(Ended::Gone));
        }
        self.wait(self.running.progress.failures).await;
        Ok(Next::Again)
    }

    /// Writes how far it got, unless that was done a moment ago or is not worth it. False: the subscription is gone.
    async fn write_down(&mut self, every: Duration) -> Result<bool, Error> {
        let told = self.running.has_told() && self.written.elapsed() >= every;
        if !told && self.running.unwritten() < PASSED {
            return Ok(true);
        }
        self.written = Instant::now();
        self.running.save(&self.app).await
    }

    async fn wait(&self, failures: u32) {
        tokio::time::sleep(self.pace.spread(failures)).await;
    }
}

fn count(result: &'static str) {
    metrics::counter!("bianque_subscription_deliveries_total", "result" => result).increment(1);
}
