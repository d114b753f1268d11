//! Whether a resource is there for the asker. What is not theirs is not there.

use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Query, Scope};
use bianque_store::StoredResource;

use crate::{App, Error};

/// The current version, also of a deleted resource where everything may be seen.
pub(super) async fn current(
    app: &App,
    context: &Context,
    scope: Scope,
    resource_type: &str,
    id: &ResourceId,
) -> Result<StoredResource, Error> {
    if scope == Scope::All {
        return app.store.resource(context.tenant, resource_type, id).await?.ok_or_else(Error::not_found);
    }
    let query = Query {
        resource_type: resource_type.to_owned(),
        filter: Predicate::Ids(vec![id.clone()]),
        scope,
        order: Vec::new(),
        after: None,
        limit: 1,
    };
    app.store.search(context.tenant, query).await?.rows.pop().ok_or_else(Error::not_found)
}
