//! Update a resource, or create it under the id that the client chose (FHIR R4, RESTful API 3.1.0.3).

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError};

use super::create::{duplicate, record, written};
use super::prepare::Under;
use super::{Record, identity, prepare, writable};
use crate::policy::{self, Action};
use crate::{App, Change, Error, ErrorKind};

/// How often a write without a version is tried against others who write the same resource.
const ATTEMPTS: usize = 4;

/// What an update came to.
#[derive(Debug)]
pub struct Updated {
    /// The resource as it stands now.
    pub record: Record,
    /// It was not there before.
    pub created: bool,
}

/// Replaces a resource; with a version, only the resource that stands at it.
pub async fn update(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
    body: &[u8],
    expected: Option<u64>,
) -> Result<Updated, Error> {
    policy::records(context, writable(resource_type)?, Action::Update)?;
    let resource = prepare::resource(app, context, resource_type, Under::Stated(id), body)?;
    for _ in 0..ATTEMPTS {
        let stored = app.store.resource(context.tenant, resource_type, id).await?;
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        let there = stored.is_some_and(|stored| stored.document.is_some());
        if expected.is_some_and(|expected| expected != version) {
            return Err(stale(version));
        }
        let action = if there { AuditAction::U } else { AuditAction::C };
        if !there {
            policy::records(context, writable(resource_type)?, Action::Create)?;
        }
        let mut change = Change::new(app, context);
        for unshared in identity::unshared(&resource) {
            change.expect(unshared);
        }
        change.replace(&resource, version)?;
        change.audit_with(written(context, action, "fhir.update", &resource));
        match change.try_commit().await {
            Ok(committed) => {
                return Ok(Updated { record: record(&resource, id, &committed), created: !there });
            }
            Err(CommitError::Version { current, .. }) if expected.is_some() => return Err(stale(current)),
            Err(CommitError::Version { .. }) => {}
            Err(CommitError::Matched { .. }) => return Err(duplicate()),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::conflict("fhir.changed", "others are writing this resource; try again"))
}

/// The version in If-Match is not the one that stands.
pub(super) fn stale(current: u64) -> Error {
    Error::new(ErrorKind::Conflict, "fhir.version", format!("the resource stands at version {current}"))
}
