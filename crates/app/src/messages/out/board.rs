//! How destinations do now: in memory, for who sends and who looks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bianque_model::{ResourceId, TenantId, Timestamp};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::made::{OutgoingMessage, State};
use crate::instant;
use crate::messages::flow::{Became, Flow};

/// How destinations do.
#[derive(Debug)]
pub struct Board {
    /// How messages flow out.
    pub flow: Flow,
    renewals: watch::Sender<u64>,
    lines: Mutex<HashMap<(TenantId, ResourceId), Line>>,
}

/// How one does.
#[derive(Debug, Default)]
struct Line {
    wake: Arc<Notify>,
    failures: u32,
    /// A stable word, and words for people.
    error: Option<(&'static str, String)>,
    next_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl Default for Board {
    fn default() -> Self {
        Self { flow: Flow::default(), renewals: watch::Sender::new(0), lines: Mutex::default() }
    }
}

impl Board {
    /// Whether destinations were made, changed or taken away.
    pub fn renewals(&self) -> watch::Receiver<u64> {
        self.renewals.subscribe()
    }

    /// Destinations were made, changed or taken away.
    pub(super) fn renewed(&self) {
        self.renewals.send_modify(|count| *count += 1);
    }

    /// What wakes who sends to a destination.
    pub fn bell(&self, tenant: TenantId, id: &ResourceId) -> Arc<Notify> {
        self.line(tenant, id, |line| Arc::clone(&line.wake))
    }

    /// There is something to do for a destination.
    pub fn wake(&self, tenant: TenantId, id: &ResourceId) {
        self.bell(tenant, id).notify_one();
    }

    /// A destination answered.
    pub fn answered(&self, tenant: TenantId, id: &ResourceId, now: Timestamp) {
        self.line(tenant, id, |line| {
            (line.failures, line.error, line.next_at, line.last_at) = (0, None, None, Some(now));
        });
    }

    /// A try failed, by a word and in words; gives how many have failed in a row.
    pub fn failed(&self, tenant: TenantId, id: &ResourceId, (code, words): (&'static str, &str)) -> u32 {
        self.line(tenant, id, |line| {
            line.failures = line.failures.saturating_add(1);
            line.error = Some((code, words.to_owned()));
            line.failures
        })
    }

    /// When it is tried again.
    pub fn waits_until(&self, tenant: TenantId, id: &ResourceId, next: Timestamp) {
        self.line(tenant, id, |line| line.next_at = Some(next));
    }

    /// A destination is gone.
    pub fn forget(&self, tenant: TenantId, id: &ResourceId) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.remove(&(tenant, id.clone()));
    }

    /// A message was made, or could not be.
    pub(super) fn made(&self, tenant: TenantId, now: Timestamp, message: &OutgoingMessage) {
        if matches!(message.state, State::Unmade { .. }) {
            self.flow.note(tenant, now, Became::Rejected, 0);
        }
    }

    /// Adds how a destination does to what is shown of it.
    pub(super) fn tell(&self, tenant: TenantId, id: &ResourceId, shown: &mut Value) {
        self.line(tenant, id, |line| {
            shown["failures"] = json!(line.failures);
            shown["error"] = json!(line.error.as_ref().map(|(_, words)| words));
            shown["error_code"] = json!(line.error.as_ref().map(|(code, _)| code));
            shown["next_at"] = json!(line.next_at.map(instant::text));
            shown["last_at"] = json!(line.last_at.map(instant::text));
        });
    }

    fn line<T>(&self, tenant: TenantId, id: &ResourceId, with: impl FnOnce(&mut Line) -> T) -> T {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        with(lines.entry((tenant, id.clone())).or_default())
    }
}
