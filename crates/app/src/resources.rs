//! Reading resources for use cases that have already been authorised.

use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Reference, Scope, Test};
use serde_json::Value;

use crate::{App, Error};

/// The most resources a use case reads at once.
const LIMIT: u32 = 1000;

/// A resource as JSON with the version it was read at.
#[derive(Debug, Clone)]
pub struct Versioned {
    /// The document, without `meta.versionId` and `meta.lastUpdated`.
    pub value: Value,
    /// Its version.
    pub version: u64,
    /// When that version was written.
    pub last_updated: bianque_model::Timestamp,
}

impl App {
    /// A resource that must be there.
    pub async fn resource(
        &self,
        tenant: TenantId,
        resource_type: &str,
        id: &ResourceId,
    ) -> Result<Versioned, Error> {
        let stored = self.store.resource(tenant, resource_type, id).await?.ok_or_else(Error::not_found)?;
        decode(stored)?.ok_or_else(Error::not_found)
    }

    /// Resources of a type that refer to another by a parameter, oldest change first.
    pub async fn referring(
        &self,
        context: &Context,
        resource_type: &str,
        param: &str,
        to: (&str, &ResourceId),
    ) -> Result<Vec<Versioned>, Error> {
        let reference = Reference { resource_type: to.0.to_owned(), id: to.1.clone() };
        let filter = Predicate::Param { param: param.to_owned(), test: Test::Refers(reference) };
        self.matching(context.tenant, resource_type, filter, Scope::All).await
    }

    /// Resources of a type that a predicate matches within a scope, oldest change first.
    pub async fn matching(
        &self,
        tenant: TenantId,
        resource_type: &str,
        filter: Predicate,
        scope: Scope,
    ) -> Result<Vec<Versioned>, Error> {
        let query = Query {
            resource_type: resource_type.to_owned(),
            filter,
            scope,
            order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Ascending }],
            after: None,
            limit: LIMIT,
        };
        let page = self.store.search(tenant, query).await?;
        page.rows.into_iter().filter_map(|stored| decode(stored).transpose()).collect()
    }
}

fn decode(stored: bianque_store::StoredResource) -> Result<Option<Versioned>, Error> {
    let Some(document) = stored.document else { return Ok(None) };
    let value = serde_json::from_slice(&document).map_err(Error::internal)?;
    Ok(Some(Versioned { value, version: stored.version, last_updated: stored.last_updated }))
}
