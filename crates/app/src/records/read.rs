//! Read a resource as it stands (FHIR R4, RESTful API 3.1.0.1).

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, StoredResource};
use serde_json::Value;

use super::{READ_ONLY, Record, audit_event, audited, content, definitions, served, visible};
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::{App, Error, ErrorKind};

/// The current version, audited before it is answered.
pub async fn read(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
) -> Result<Record, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Read)?;
    if resource_type == READ_ONLY {
        return audit_event::read(app, context, id).await;
    }
    let stored = match visible::current(app, context, scope, resource_type, id).await {
        Ok(stored) if stored.document.is_some() => stored,
        Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
        nothing => match definitions::standing_in(app, context, (resource_type, id)) {
            Some(definition) => definition,
            None => nothing?,
        },
    };
    let record = standing(&stored)?;
    audit(app, context, "fhir.read", &stored).await?;
    content::with_data(app, context, record).await
}

/// The record of a version; a deletion is over.
pub(super) fn standing(stored: &StoredResource) -> Result<Record, Error> {
    Record::of(stored).ok_or_else(|| Error::new(ErrorKind::Over, "fhir.deleted", "this resource was deleted"))
}

/// Audits the read of one resource, durable before it returns.
pub(super) async fn audit(
    app: &App,
    context: &Context,
    operation: &str,
    stored: &StoredResource,
) -> Result<(), Error> {
    if !audited(&stored.resource_type) {
        return Ok(());
    }
    let entity = format!("{}/{}", stored.resource_type, stored.id);
    let mut row = audit_row(context, AuditAction::R, operation, None, &entity);
    if let Some(document) = &stored.document {
        let resource: Value = serde_json::from_slice(document).map_err(Error::internal)?;
        row.patients = bianque_fhir::patients(&resource);
    }
    Ok(app.store.audit_read(context.tenant, row).await?)
}
