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

/// Patients whose other records are looked up at a time.
const AT_ONCE: usize = 500;

/// The version of a Group as it stands, when it can be exported.
pub(super) async fn version(app: &App, context: &Context, group: &ResourceId) -> Result<u64, Error> {
    let scope = policy::records(context, "Group", Action::Read)?;
    let stored = visible::current(app, context, scope, "Group", group).await?;
    standing(&stored)?;
    members(&read(&stored)?)?;
    Ok(stored.version)
}

/// The patients one after another, sorted, with every record that is one with theirs; none: it is not about some of them.
pub(super) async fn patients(
    app: &App,
    context: &Context,
    whose: &Whose,
) -> Result<Option<Vec<ResourceId>>, Error> {
    let named = match whose {
        Whose::All | Whose::Patients => return Ok(None),
        Whose::These(patients) => patients.clone(),
        Whose::Members { group, version, only } => {
            let stored = app.store.resource_version(context.tenant, "Group", group, *version).await?;
            // It may have been erased with a record that it named.
            let stored = stored.ok_or_else(Error::not_found)?;
            let mut all = members(&read(&stored)?)?;
            all.retain(|patient| only.is_empty() || only.contains(patient));
            all.into_iter().collect()
        }
    };
    let mut all = BTreeSet::new();
    for some in named.chunks(AT_ONCE) {
        let same = app.store.same_patients(context.tenant, some.to_vec()).await?;
        all.extend(same.into_iter().flat_map(|same| same.all));
    }
    Ok(Some(all.into_iter().collect()))
}

fn read(stored: &StoredResource) -> Result<Value, Error> {
    document::parse(stored.document.as_deref().unwrap_or(b"null")).map_err(Error::internal)
}
