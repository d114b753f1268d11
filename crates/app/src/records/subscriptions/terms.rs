//! What a subscription was written with and its resource does not say.

use bianque_model::ResourceId;
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use super::writer::Writer;
use crate::aggregate::{Aggregate, shared};

/// The key of those that run.
pub(super) const RUNS: (&str, &str) = ("runs", "yes");

/// Written with the Subscription, in one change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Terms {
    /// The id of the Subscription.
    pub(super) id: ResourceId,
    /// Who wrote it last: by what they may see it is matched.
    pub(super) writer: Writer,
    /// Its headers, sealed.
    pub(super) headers: Option<String>,
    /// Whom the headers are for.
    pub(super) endpoint: String,
    /// Changes whenever it begins anew, rather than going on from its place.
    pub(super) begun: String,
    /// Whether it is to run.
    pub(super) runs: bool,
}

impl Aggregate for Terms {
    const KIND: &'static str = "subscription";
    // An address may name a patient.
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        self.runs.then(|| shared(RUNS.0, RUNS.1)).into_iter().collect()
    }
}
