//! What a store holds about one patient, and taking it away for good.

use bianque_model::{BlobId, ResourceId, Timestamp};

/// What is about a patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Resources in the patient's compartment now or in an earlier version: type and id, with the store's own number.
    pub resources: Vec<(String, ResourceId, i64)>,
    /// Resources that speak of the patient and lie in the compartment of another one too: they stay.
    pub shared: u64,
    /// Resources that stay and refer to one that goes.
    pub referring: u64,
    /// State documents that speak of the patient or of their encounters: kind and id.
    pub states: Vec<(String, String)>,
    /// Blobs under the patient's key, and those of the patient's studies.
    pub blobs: Vec<BlobId>,
    /// Studies of the patient. What is in them lies under keys of their own.
    pub studies: Vec<ErasedStudy>,
    /// The last change of any of the resources.
    pub changed: Option<Timestamp>,
}

/// A study that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedStudy {
    /// The store's own number.
    pub key: i64,
    /// The id of the resource that it is.
    pub id: String,
}

impl About {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
            && self.states.is_empty()
            && self.blobs.is_empty()
            && self.studies.is_empty()
    }

    /// What rows name the patient's traces by: the patient's id and those of their encounters.
    pub(crate) fn names(&self, patient: &ResourceId) -> Vec<String> {
        let encounters = self.resources.iter().filter(|(kind, ..)| kind == "Encounter");
        let ids = encounters.map(|(_, id, _)| id.as_str());
        std::iter::once(patient.as_str()).chain(ids).map(str::to_owned).collect()
    }
}
