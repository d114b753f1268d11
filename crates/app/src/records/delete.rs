//! Delete a resource: found no more, its history kept (FHIR R4, RESTful API 3.1.0.7).

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError};
use serde_json::Value;

use super::create::written;
use super::{update::stale, writable};
use crate::policy::{self, Action};
use crate::{App, Change, Error};

/// Deletes a resource; with a version, only the resource that stands at it. What is gone already stays gone.
pub async fn delete(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
    expected: Option<u64>,
) -> Result<(), Error> {
    policy::records(context, writable(resource_type)?, Action::Delete)?;
    let stored = app.store.resource(context.tenant, resource_type, id).await?.ok_or_else(Error::not_found)?;
    if expected.is_some_and(|expected| expected != stored.version) {
        return Err(stale(stored.version));
    }
    let Some(document) = stored.document else { return Ok(()) };
    let resource: Value = serde_json::from_slice(&document).map_err(Error::internal)?;
    let mut change = Change::new(app, context);
    change.delete(resource_type, id, stored.version);
    change.audit_with(written(context, AuditAction::D, "fhir.delete", &resource));
    match change.try_commit().await {
        Ok(_) => Ok(()),
        Err(CommitError::Version { current, .. }) => Err(stale(current)),
        Err(error) => Err(error.into()),
    }
}
