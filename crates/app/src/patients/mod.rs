//! Who a patient is: identifiers with the authority that gave each, records that are one person's, and the desk where
//! people settle what a program must not.
//!
//! A merge is an overlay: the two Patient resources say so by their links, a table of the store knows it, and nothing that
//! refers to either is rewritten. Searches take a patient for all records that are one with theirs, policy is asked of the
//! one that stands for them, and undoing the merge leaves everything where it was written.

pub mod authorities;
pub mod desk;
pub mod look;
pub mod merge;
pub mod merges;
pub mod pair;
pub mod refused;
#[cfg(test)]
mod tests;
pub mod undo;

use std::collections::{BTreeMap, BTreeSet};

use bianque_model::{ResourceId, TenantId};
use bianque_store::SamePatient;

use crate::resources::Versioned;
use crate::{App, Error};

/// A record that is one with no other.
pub(crate) fn alone(patient: &ResourceId) -> SamePatient {
    SamePatient {
        patient: patient.clone(),
        survivor: patient.clone(),
        into: None,
        replaces: Vec::new(),
        all: vec![patient.clone()],
    }
}

impl App {
    /// With which records a patient is one.
    pub async fn same_patient(&self, tenant: TenantId, patient: &ResourceId) -> Result<SamePatient, Error> {
        let found = self.store.same_patients(tenant, vec![patient.clone()]).await?.pop();
        Ok(found.unwrap_or_else(|| alone(patient)))
    }

    /// The record that stands for each of these patients.
    pub async fn shown_patients<'a>(
        &self,
        tenant: TenantId,
        patients: impl IntoIterator<Item = &'a ResourceId>,
    ) -> Result<BTreeMap<ResourceId, ResourceId>, Error> {
        let wanted: BTreeSet<&ResourceId> = patients.into_iter().collect();
        let found = self.store.same_patients(tenant, wanted.into_iter().cloned().collect()).await?;
        Ok(found.into_iter().map(|same| (same.patient, same.survivor)).collect())
    }

    /// The Patient who is shown for a patient: of merged records, the one that stands for them.
    pub async fn shown_patient(&self, tenant: TenantId, patient: &ResourceId) -> Result<Versioned, Error> {
        let same = self.same_patient(tenant, patient).await?;
        self.resource(tenant, "Patient", &same.survivor).await
    }
}
