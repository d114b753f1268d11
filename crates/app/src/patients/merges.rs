//! A merge as it is kept: which record was merged into which, by whom, why, and what stood before.

use bianque_model::{ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, shared};
use crate::instant;

/// A merge, standing or undone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PatientMerge {
    /// Its id.
    pub id: ResourceId,
    /// The record that was merged.
    pub merged: ResourceId,
    /// The record it was merged into.
    pub survivor: ResourceId,
    /// Why, in words.
    pub reason: String,
    /// Who did it, as the audit names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What stood before.
    pub before: Before,
    /// How it was undone; none: it stands.
    pub undone: Option<Undone>,
}

/// What a merge changed, as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// `active` of the merged record.
    pub active: Option<bool>,
    /// The merged record said already that the other replaces it.
    pub merged_said_so: bool,
    /// The survivor said already that it replaces the other.
    pub survivor_said_so: bool,
}

/// How a merge was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Why, in words.
    pub reason: String,
    /// Who, as the audit names them.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Aggregate for PatientMerge {
    const KIND: &'static str = "patient-merge";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let mut keys = vec![shared("at", instant::text(self.at))];
        if self.undone.is_none() {
            keys.push(shared("stands-of", self.merged.to_string()));
        }
        keys
    }
}
