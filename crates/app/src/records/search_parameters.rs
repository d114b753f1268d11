//! The search parameters that a tenant defines.
//!
//! What is in force lies in one document of the tenant's state, changed in the commit that writes the SearchParameter.
//! Every write of a resource is indexed by what is in force when it is committed: a commit that changes the parameters
//! waits for those under way, and those behind it wait for it. A parameter can be searched by, for a type, when every
//! resource of that type has been indexed by it: at once where there is none, else after a reindexing that began later
//! than the parameter ([`covered`]). Until then a search by it is refused, since its answer would lack what is older.

mod registry;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bianque_fhir::custom::{CustomParam, CustomParams, Defined, Definition, define};
use bianque_fhir::{Issue, IssueCode};
use bianque_model::{CommitId, Context, ResourceId, TenantId};
use bianque_query::{IndexRow, Predicate, Query, Scope};
use bianque_store::{
    Change as ResourceChange, Commit, CommitError, Committed, Expectation, StateChange, StateWrite,
};
use serde_json::Value;
use tokio::sync::{RwLock, RwLockReadGuard};
use uuid::Uuid;

use self::registry::Registry;
use super::outcome::refused;
use crate::aggregate::Aggregate;
use crate::{App, Error, ErrorKind};

/// The type of resource that defines one.
const TYPE: &str = "SearchParameter";
/// Parameters that a tenant may define.
const MOST: usize = 500;

/// What is in force.
#[derive(Debug, Default)]
pub struct InForce {
    /// Grows with every change.
    pub generation: u64,
    /// The parameters.
    pub params: CustomParams,
    registry: Registry,
}

impl InForce {
    /// The rows of R4's parameters with those of these.
    ///
    /// # Errors
    /// `too-large`: the resource has more in it than an expression may go through.
    pub(crate) fn rows<'r>(
        &self,
        resource: &Value,
        standard: &'r [IndexRow],
    ) -> Result<Cow<'r, [IndexRow]>, Error> {
        let own = self.params.rows(resource);
        let own = own.map_err(|error| Error::new(ErrorKind::TooLarge, "too-large", error.to_string()))?;
        Ok(if own.is_empty() { standard.into() } else { [standard, &own].concat().into() })
    }

    fn of(registry: Registry, generation: u64) -> Self {
        let params = registry
            .entries
            .iter()
            .filter_map(|entry| CustomParam::new(entry.definition(), entry.ready.clone()));
        Self { generation, params: CustomParams::new(params.collect()), registry }
    }
}

/// What the resources of a change are to the parameters.
#[derive(Debug, Default)]
pub(crate) struct Defining {
    /// What comes in force with it, and with none what goes.
    pub(crate) definitions: Vec<(ResourceId, Option<Definition>)>,
    /// What is indexed anew, by its place among the resources.
    pub(crate) reindexed: Vec<(usize, Value)>,
}

/// What is in force for each tenant, as far as anybody has asked.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<TenantId, Arc<Gate>>>);

/// Commits of a tenant go through it with what is in force; one that changes that goes through alone.
#[derive(Debug, Default)]
struct Gate(RwLock<Option<Arc<InForce>>>);

impl Known {
    fn gate(&self, tenant: TenantId) -> Arc<Gate> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(tenant).or_default())
    }
}

impl Gate {
    /// Goes through with others.
    async fn pass(
        &self,
        app: &App,
        tenant: TenantId,
    ) -> Result<(RwLockReadGuard<'_, Option<Arc<InForce>>>, Arc<InForce>), Error> {
        let guard = self.0.read().await;
        if let Some(known) = guard.as_ref() {
            let known = Arc::clone(known);
            return Ok((guard, known));
        }
        drop(guard);
        let mut alone = self.0.write().await;
        let known = match alone.as_ref() {
            Some(known) => Arc::clone(known),
            None => Arc::new(load(app, tenant).await?),
        };
        *alone = Some(Arc::clone(&known));
        Ok((alone.downgrade(), known))
    }
}

async fn load(app: &App, tenant: TenantId) -> Result<InForce, Error> {
    let loaded = app.load::<Registry>(tenant, &Registry::default().id()).await?;
    Ok(loaded.map(|loaded| InForce::of(loaded.value, loaded.version)).unwrap_or_default())
}

/// Whether resources of a type define search parameters.
pub(crate) fn defines(resource_type: &str) -> bool {
    resource_type == TYPE
}

/// What is in force now.
pub async fn in_force(app: &App, tenant: TenantId) -> Result<Arc<InForce>, Error> {
    Ok(app.search_parameters.gate(tenant).pass(app, tenant).await?.1)
}

/// What a written resource defines, checked: nothing unless it is a SearchParameter.
///
/// # Errors
/// What is wrong with it, as an outcome.
pub(crate) async fn checked(
    app: &App,
    context: &Context,
    resource: &Value,
    beside: &Defining,
) -> Result<Option<(ResourceId, Option<Definition>)>, Error> {
    if !resource["resourceType"].as_str().is_some_and(defines) {
        return Ok(None);
    }
    let id: ResourceId = resource["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let wrong = |issues: &[Issue]| refused(ErrorKind::Refused, "fhir.search-parameter", issues);
    let definition = match define(resource).map_err(|issues| wrong(&issues))? {
        Defined::Nothing => return Ok(Some((id, None))),
        Defined::Own(definition) => definition,
    };
    let mut registry = in_force(app, context.tenant).await?.registry.clone();
    for (other, definition) in &beside.definitions {
        registry.apply(other, definition.as_ref(), 0);
    }
    if let Some(other) = registry.collision(&id, &definition) {
        let message = format!("SearchParameter/{} has this code for the same type", other.resource);
        return Err(wrong(&[Issue::error(IssueCode::Duplicate, message).at("SearchParameter.code")]));
    }
    if registry.entries.len() >= MOST && !registry.entries.iter().any(|entry| entry.resource == id) {
        let message = format!("at most {MOST} search parameters can be defined");
        return Err(wrong(&[Issue::error(IssueCode::TooCostly, message)]));
    }
    Ok(Some((id, Some(definition))))
}

/// Commits, with the rows of the tenant's parameters. What is defined comes in force with it.
pub(crate) async fn commit(
    app: &App,
    mut commit: Commit,
    defining: Defining,
) -> Result<Committed, CommitError> {
    if commit.resources.is_empty() {
        return app.store.commit(commit).await;
    }
    let tenant = commit.tenant;
    let Defining { definitions, reindexed } = defining;
    let gate = app.search_parameters.gate(tenant);
    if definitions.is_empty() {
        let (_through, known) = gate.pass(app, tenant).await.map_err(unavailable)?;
        index(&mut commit, &reindexed, &known.params)?;
        return app.store.commit(commit).await;
    }
    let mut alone = gate.0.write().await;
    let InForce { generation, mut registry, .. } = load(app, tenant).await.map_err(unavailable)?;
    let mut changed = false;
    for (resource, definition) in &definitions {
        if definition.as_ref().is_some_and(|definition| registry.collision(resource, definition).is_some()) {
            return Err(CommitError::KeyTaken { kind: TYPE.to_owned(), name: "code".to_owned() });
        }
        changed |= registry.apply(resource, definition.as_ref(), generation + 1);
    }
    if changed {
        find_empty(app, tenant, &mut registry).await.map_err(unavailable)?;
        save(&mut commit, &registry, generation).map_err(unavailable)?;
    }
    index(&mut commit, &reindexed, &InForce::of(registry, generation).params)?;
    let committed = app.store.commit(commit).await;
    *alone = None;
    committed
}

/// Tells that all resources of these types were indexed by what was in force at `begun` or later.
pub async fn covered(app: &App, context: &Context, begun: u64, types: &[String]) -> Result<(), Error> {
    let gate = app.search_parameters.gate(context.tenant);
    let mut alone = gate.0.write().await;
    let InForce { generation, mut registry, .. } = load(app, context.tenant).await?;
    let mut changed = false;
    for entry in registry.entries.iter_mut().filter(|entry| entry.since <= begun) {
        for name in types {
            let is_new = entry.types.contains(name) && !entry.ready.contains(name);
            if is_new {
                entry.ready.push(name.clone());
                changed = true;
            }
        }
    }
    if !changed {
        return Ok(());
    }
    let mut commit = Commit::new(context.tenant, CommitId(Uuid::now_v7()), context.now);
    save(&mut commit, &registry, generation)?;
    *alone = None;
    app.store.commit(commit).await?;
    Ok(())
}

/// Where there is no resource of a type, all are indexed. Nothing is written meanwhile: the caller holds the gate.
async fn find_empty(app: &App, tenant: TenantId, registry: &mut Registry) -> Result<(), Error> {
    let mut empty: HashMap<String, bool> = HashMap::new();
    for entry in &mut registry.entries {
        for name in entry.types.iter().filter(|name| !entry.ready.contains(name)).cloned().collect::<Vec<_>>()
        {
            let is_empty = if let Some(known) = empty.get(&name) {
                *known
            } else {
                let filter = Predicate::And(Vec::new());
                let (scope, order) = (Scope::All, Vec::new());
                let query =
                    Query { resource_type: name.clone(), filter, scope, order, after: None, limit: 1 };
                app.store.count(tenant, query, 1).await? == 0
            };
            empty.insert(name.clone(), is_empty);
            if is_empty {
                entry.ready.push(name);
            }
        }
    }
    Ok(())
}

/// Adds the registry to a commit, over the generation that was read.
fn save(commit: &mut Commit, registry: &Registry, generation: u64) -> Result<(), Error> {
    let (kind, id) = (Registry::KIND, registry.id());
    let body = serde_json::to_vec(registry).map_err(Error::internal)?;
    let change = StateChange::Put { body, keys: Vec::new(), expires: None, about_patient: false };
    commit.expectations.push(Expectation::StateVersion { kind, id: id.clone(), version: generation });
    commit.state.push(StateWrite { kind, id, change });
    Ok(())
}

/// Adds the rows of the tenant's parameters.
fn index(
    commit: &mut Commit,
    reindexed: &[(usize, Value)],
    params: &CustomParams,
) -> Result<(), CommitError> {
    for (place, write) in commit.resources.iter_mut().enumerate() {
        if !params.has(&write.resource_type) {
            continue;
        }
        let (resource, index): (Cow<'_, Value>, _) = match &mut write.change {
            ResourceChange::Put { document, index, .. } => {
                (Cow::Owned(serde_json::from_slice(document).map_err(unavailable)?), index)
            }
            ResourceChange::Reindex { index, .. } => {
                let found = reindexed.iter().find(|(of, _)| *of == place);
                let (_, resource) = found.ok_or_else(|| unavailable("what is indexed anew is not there"))?;
                (Cow::Borrowed(resource), index)
            }
            ResourceChange::Delete => continue,
        };
        let rows = params.rows(&resource).map_err(|error| {
            tracing::warn!(%error, "a resource is larger than a search parameter can go through");
            CommitError::TooLarge { rows: index.len() }
        })?;
        index.extend(rows);
    }
    Ok(())
}

fn unavailable(error: impl std::fmt::Display) -> CommitError {
    CommitError::Unavailable(error.to_string())
}
