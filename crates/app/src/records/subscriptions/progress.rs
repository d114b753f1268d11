//! How far a subscription got.

use bianque_model::{ResourceId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;

/// Written by whoever tells subscribers, and by nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The id of the Subscription.
    pub(super) id: ResourceId,
    /// Of which beginning it is.
    pub(super) begun: String,
    /// Versions up to this number are dealt with.
    pub place: u64,
    /// What was told.
    pub delivered: u64,
    /// When something was told last.
    pub last_delivery: Option<Timestamp>,
    /// How often in a row it could not be told.
    pub failures: u32,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// The last time it could not, and why.
    pub last_failure: Option<(Timestamp, String)>,
    /// When it was stopped by what failed.
    pub(super) stopped: Option<Timestamp>,
}

impl Aggregate for Progress {
    const KIND: &'static str = "subscription-progress";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Progress {
    pub(super) fn new(id: ResourceId, begun: String, place: u64) -> Self {
        Self {
            id,
            begun,
            place,
            delivered: 0,
            last_delivery: None,
            failures: 0,
            failing_since: None,
            last_failure: None,
            stopped: None,
        }
    }

    /// Something was told.
    pub fn told(&mut self, at: Timestamp) {
        self.delivered += 1;
        self.last_delivery = Some(at);
        (self.failures, self.failing_since) = (0, None);
    }

    /// It could not be told.
    pub fn failed(&mut self, at: Timestamp, why: String) {
        self.failures = self.failures.saturating_add(1);
        self.failing_since.get_or_insert(at);
        self.last_failure = Some((at, why));
    }

    /// It goes on after it was stopped.
    pub(super) fn resumed(&mut self) {
        (self.failures, self.failing_since, self.stopped) = (0, None, None);
    }
}
