//! Records as other systems see them: the use cases behind `/fhir`, one interaction of FHIR's RESTful API each.
//!
//! They speak FHIR on both sides: bytes of resources in, bytes of resources and Bundles out. What an error says as an
//! OperationOutcome is in [`outcome`].

mod asked;
pub(crate) mod audit_event;
mod audit_search;
pub mod bundle;
pub mod capability;
pub mod concept_maps;
mod content;
pub mod definitions;
pub mod export;
pub mod history;
pub(crate) mod identity;
mod include;
pub mod operations;
pub mod outcome;
pub mod prepare;
pub mod profiles;
pub mod read;
pub mod reindex;
pub mod retention;
pub mod scrub;
pub mod search;
pub mod search_parameters;
pub mod shred;
pub mod subscriptions;
pub(crate) mod take_in;
pub mod terminology;
#[cfg(test)]
mod tests;
mod visible;
pub mod vread;
pub mod write;

pub use asked::Asked;

use bianque_fhir::{Shape, resource_types};
use bianque_model::{ResourceId, TenantId, Timestamp};
use bianque_store::StoredResource;
use serde_json::Value;

use crate::policy::is_public;
use crate::{App, Error, ErrorKind};

/// A projection of the audit rows, which nobody writes.
pub const READ_ONLY: &str = "AuditEvent";

/// One version of a resource as it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub id: ResourceId,
    /// Its version.
    pub version: u64,
    /// When that was written.
    pub last_updated: Timestamp,
    /// The resource, JSON.
    pub body: Vec<u8>,
}

impl Record {
    /// A stored version that is no deletion.
    fn of(stored: &StoredResource) -> Option<Self> {
        let document = stored.document.as_deref()?;
        Some(Self {
            resource_type: stored.resource_type.clone(),
            id: stored.id.clone(),
            version: stored.version,
            last_updated: stored.last_updated,
            body: bianque_fhir::to_served(document, stored.version, stored.last_updated),
        })
    }

    /// What a shape leaves of it.
    pub fn shaped(mut self, shape: &Shape) -> Result<Self, Error> {
        if *shape != Shape::Whole {
            let whole: Value = serde_json::from_slice(&self.body).map_err(Error::internal)?;
            self.body = shape.of(&whole).to_string().into_bytes();
        }
        Ok(self)
    }
}

/// How much of a resource the pairs of a request ask for.
pub fn shape(mut pairs: Vec<(String, String)>) -> Result<Shape, Error> {
    Shape::take(&mut pairs)
        .map_err(|issue| outcome::refused(ErrorKind::Malformed, "fhir.parameter", &[issue]))
}

/// The URL of a tenant's FHIR base, without a `/` at its end.
pub fn base(app: &App, tenant: TenantId) -> String {
    format!("{}/fhir", app.public_url(tenant))
}

/// The type as a known name, when it is served.
fn served(resource_type: &str) -> Result<&'static str, Error> {
    let known = resource_types().iter().find(|name| **name == resource_type).copied();
    known.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "fhir.type", "this server does not serve resources of this type")
    })
}

/// The type, when it is served and can be written.
fn writable(resource_type: &str) -> Result<&'static str, Error> {
    let name = served(resource_type)?;
    if name == READ_ONLY {
        return Err(Error::new(
            ErrorKind::Refused,
            "fhir.read-only",
            "this type is written by the server alone",
        ));
    }
    Ok(name)
}

/// Whether reads of the type are audited. Who works where is no patient's data, and no definition is.
fn audited(resource_type: &str) -> bool {
    !is_public(resource_type)
}
