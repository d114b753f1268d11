//! Reading resources for use cases that have already been authorised.

use std::collections::{BTreeMap, BTreeSet};

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

/// Resources that were read together.
#[derive(Debug, Clone, Default)]
pub struct Many(BTreeMap<bianque_store::ResourceName, Versioned>);

impl Many {
    /// One of them, which must be there.
    pub fn get(&self, resource_type: &str, id: &ResourceId) -> Result<&Value, Error> {
        let name = (resource_type.to_owned(), id.clone());
        self.0.get(&name).map(|found| &found.value).ok_or_else(Error::not_found)
    }
}

impl App {
    /// Several resources at once. One that is not there is missed when it is asked for.
    pub async fn read_many<'a>(
        &self,
        tenant: TenantId,
        wanted: impl IntoIterator<Item = (&'a str, &'a ResourceId)>,
    ) -> Result<Many, Error> {
        let names: BTreeSet<(&str, &ResourceId)> = wanted.into_iter().collect();
        let names: Vec<_> = names.into_iter().map(|(kind, id)| (kind.to_owned(), id.clone())).collect();
        let stored = self.store.read_many(tenant, names.clone()).await?;
        let mut found = BTreeMap::new();
        for (name, stored) in names.into_iter().zip(stored) {
            if let Some(read) = stored.map(decode).transpose()?.flatten() {
                found.insert(name, read);
            }
        }
        Ok(Many(found))
    }

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
        self.by_change(tenant, resource_type, (filter, scope), (Direction::Ascending, LIMIT)).await
    }

    /// At most so many resources of a type that a predicate matches within a scope, newest change first.
    pub async fn newest_of(
        &self,
        tenant: TenantId,
        resource_type: &str,
        filter: Predicate,
        scope: Scope,
        limit: u32,
    ) -> Result<Vec<Versioned>, Error> {
        self.by_change(tenant, resource_type, (filter, scope), (Direction::Descending, limit)).await
    }

    async fn by_change(
        &self,
        tenant: TenantId,
        resource_type: &str,
        (filter, scope): (Predicate, Scope),
        (direction, limit): (Direction, u32),
    ) -> Result<Vec<Versioned>, Error> {
        let query = Query {
            resource_type: resource_type.to_owned(),
            filter,
            scope,
            order: vec![Order { key: OrderKey::LastUpdated, direction }],
            after: None,
            limit,
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
