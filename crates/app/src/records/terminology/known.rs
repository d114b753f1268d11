//! The value sets and code systems that a question looks at: those of R4, and those that the tenant stores.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_fhir::terminology::{Given, Refusal, Terminology};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Scope, Test};
use bianque_store::StoredResource;
use serde_json::Value;

use super::unanswered;
use crate::{App, Error};

/// Value sets and code systems that one question may look at.
const MOST: usize = 200;
/// Stored resources of one round of URLs.
const ROUND: u32 = 200;
/// Bytes of resources whose reading is kept.
const KEPT_BYTES: usize = 32 << 20;
/// Resources larger than this are read on a thread that may take its time.
const LARGE: usize = 256 << 10;

/// What was read of stored resources, kept while there is room, since a large code system takes long to read.
#[derive(Debug, Default)]
pub struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    read: HashMap<Key, (u64, usize, Arc<Given>)>,
    bytes: usize,
}

type Key = (TenantId, String, ResourceId);

impl Known {
    /// What a stored resource says; none when it is no terminology or has no URL.
    async fn read(&self, tenant: TenantId, stored: StoredResource) -> Result<Option<Arc<Given>>, Error> {
        let Some(document) = stored.document else { return Ok(None) };
        let key = (tenant, stored.resource_type, stored.id);
        if let Some((version, _, given)) = self.kept().read.get(&key)
            && *version == stored.version
        {
            return Ok(Some(Arc::clone(given)));
        }
        let bytes = document.len();
        let read = move || {
            let value: Value = serde_json::from_slice(&document)?;
            Ok(Given::read(&value).map(Arc::new))
        };
        let read: Result<_, serde_json::Error> = if bytes > LARGE {
            tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
        } else {
            read()
        };
        let Some(given) = read.map_err(Error::internal)? else { return Ok(None) };
        self.kept().keep(key, stored.version, bytes, &given);
        Ok(Some(given))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, key: Key, version: u64, bytes: usize, given: &Arc<Given>) {
        if bytes > KEPT_BYTES {
            return;
        }
        if self.bytes + bytes > KEPT_BYTES {
            *self = Self::default();
        }
        if let Some((_, before, _)) = self.read.insert(key, (version, bytes, Arc::clone(given))) {
            self.bytes -= before;
        }
        self.bytes += bytes;
    }
}

/// What is known about these URLs and everything they lead to. Of several stored resources with one URL the last that
/// was written wins, where no version is named.
pub(in crate::records) async fn about(
    app: &App,
    context: &Context,
    urls: Vec<String>,
) -> Result<Terminology, Error> {
    let (mut given, mut seen) = (Vec::new(), HashSet::new());
    let mut next = urls;
    while !next.is_empty() {
        let bare = next.iter().map(|url| url.split('|').next().unwrap_or_default().to_owned());
        let round: Vec<String> = bare.filter(|url| seen.insert(url.clone())).collect();
        if seen.len() > MOST {
            return Err(unanswered(&Refusal::TooCostly { limit: MOST }));
        }
        let mut leads_to = Vec::new();
        for url in &round {
            leads_to.extend(Terminology::embedded().references(url));
        }
        for found in stored(app, context, &round).await? {
            leads_to.extend(found.references());
            given.push(found);
        }
        next = leads_to;
    }
    Ok(Terminology::new(given))
}

/// The stored value set of an id, as it was written last.
pub(super) async fn by_id(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    Ok(app.resource(context.tenant, "ValueSet", id).await?.value)
}

async fn stored(app: &App, context: &Context, urls: &[String]) -> Result<Vec<Arc<Given>>, Error> {
    let mut found = Vec::new();
    if urls.is_empty() {
        return Ok(found);
    }
    let of = |url: &String| Predicate::Param { param: "url".to_owned(), test: Test::Uri(url.clone()) };
    for resource_type in ["ValueSet", "CodeSystem"] {
        let query = Query {
            resource_type: resource_type.to_owned(),
            filter: Predicate::Or(urls.iter().map(of).collect()),
            scope: Scope::All,
            order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }],
            after: None,
            limit: ROUND,
        };
        for stored in app.store.search(context.tenant, query).await?.rows {
            found.extend(app.terminology.read(context.tenant, stored).await?);
        }
    }
    Ok(found)
}

/// What is embedded, and a code system that is given in place.
pub(super) fn with(code_system: &Value) -> Terminology {
    Terminology::new(Given::read(code_system).map(Arc::new).into_iter().collect())
}
