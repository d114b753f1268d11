//! Results that are corrected after somebody saw them.
//!
//! A write that changes what a final result says leaves a note in its own commit (`noticed`). From the audit it is found
//! out who had read the former value, and for each of them a Task is made ([`settle`]), which stays until they say that
//! they have seen the new one ([`own`]). Nothing is closed by being opened.

pub mod own;
mod readers;
pub mod settle;
#[cfg(test)]
mod tests;
mod words;

use bianque_model::{ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::aggregate::{Aggregate, shared};
use crate::people::referenced_id;
use crate::{Change, Error};

/// What the Tasks are about.
const SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/task";
const CODE: &str = "result-corrected";

/// A correction of which nobody was told yet.
#[derive(Debug, Serialize, Deserialize)]
struct Correction {
    id: ResourceId,
    resource_type: String,
    resource: ResourceId,
    patient: ResourceId,
    /// The version that stood before, and since when.
    version: u64,
    since: Timestamp,
    at: Timestamp,
}

impl Aggregate for Correction {
    const KIND: &'static str = "correction";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("open", self.id.as_str())]
    }
}

/// A version that stands.
pub(crate) struct Before<'a> {
    pub(crate) document: &'a [u8],
    pub(crate) version: u64,
    pub(crate) since: Timestamp,
}

/// Leaves a note in a change if it makes a final result say something else.
pub(crate) fn noticed(
    now: Timestamp,
    before: &Before<'_>,
    after: &Value,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let resource_type = after["resourceType"].as_str().unwrap_or_default();
    if !matches!(resource_type, "Observation" | "DiagnosticReport") {
        return Ok(());
    }
    let standing: Value = serde_json::from_slice(before.document).map_err(Error::internal)?;
    let patient = after["subject"]["reference"].as_str().filter(|name| name.starts_with("Patient/"));
    if patient.is_none() || !words::is_correction(&standing, after) {
        return Ok(());
    }
    let id = |text: &str| text.parse().map_err(Error::internal);
    change.insert(&Correction {
        id: Uuid::now_v7().into(),
        resource_type: resource_type.to_owned(),
        resource: id(after["id"].as_str().unwrap_or_default())?,
        patient: id(referenced_id(&after["subject"]))?,
        version: before.version,
        since: before.since,
        at: now,
    })
}
