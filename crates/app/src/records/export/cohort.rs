//! The patients whose records are exported.

use std::collections::BTreeSet;

use bianque_fhir::document;
use bianque_model::{Context, ResourceId};
use bianque_store::StoredResource;
use serde_json::Value;

use super::Whose;
use super::wanted::members;
use crate::policy::{self, Action};
use crate::records::read::standing;
use crate::records::visible;
use crate::{App, Error};

/// The version of a Group as it stands, when it can be exported.
pub(super) async fn version(app: &App, context: &Context, group: &ResourceId) -> Result<u64, Error> {
    let scope = policy::records(context, "Group", Action::Read)?;
    let stored = visible::current(app, context, scope, "Group", group).await?;
    standing(&stored)?;
    members(&read(&stored)?)?;
    Ok(stored.version)
}

/// The patients one after another, sorted; none: it is not about some of them.
pub(super) async fn patients(
    app: &App,
    context: &Context,
    whose: &Whose,
) -> Result<Option<Vec<ResourceId>>, Error> {
    match whose {
        Whose::All | Whose::Patients => Ok(None),
        Whose::These(patients) => Ok(Some(patients.clone())),
        Whose::Members { group, version, only } => {
            let stored = app.store.resource_version(context.tenant, "Group", group, *version).await?;
            let all: BTreeSet<ResourceId> = match &stored {
                Some(stored) => members(&read(stored)?)?,
                // Erased with a record that it named.
                None => return Err(Error::not_found()),
            };
            let wanted = |patient: &ResourceId| only.is_empty() || only.contains(patient);
            Ok(Some(all.into_iter().filter(wanted).collect()))
        }
    }
}

fn read(stored: &StoredResource) -> Result<Value, Error> {
    document::parse(stored.document.as_deref().unwrap_or(b"null")).map_err(Error::internal)
}
