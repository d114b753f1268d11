//! Read one version of a resource (FHIR R4, RESTful API 3.1.0.2).

use bianque_model::{Context, ResourceId};

use super::read::{audit, standing};
use super::{READ_ONLY, Record, served, visible};
use crate::policy::{self, Action};
use crate::{App, Error};

/// A version of a resource that the asker may see as it stands now, audited before it is answered.
pub async fn vread(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
    version: u64,
) -> Result<Record, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Read)?;
    if resource_type == READ_ONLY {
        return Err(Error::not_found());
    }
    visible::current(app, context, scope, resource_type, id).await?;
    let stored = app.store.resource_version(context.tenant, resource_type, id, version).await?;
    let stored = stored.ok_or_else(Error::not_found)?;
    let record = standing(&stored)?;
    audit(app, context, "fhir.vread", &stored).await?;
    Ok(record)
}
