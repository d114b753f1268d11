//! The profiles that a tenant stores: StructureDefinitions, found by the URLs that resources and requests name. One that
//! is not stored here is not looked at.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_fhir::terminology::{Refusal, Terminology};
use bianque_fhir::{Against, Issue, ProfileError, Profiles, Severity, is_resource_type};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::{Direction, Order, OrderKey, Predicate, Query, Scope, Test};
use bianque_store::StoredResource;
use serde_json::Value;

use super::terminology;
use crate::{App, Error};

/// Definitions that one resource may lead to.
const MOST: usize = 200;
/// Bytes of definitions whose reading is kept.
const KEPT_BYTES: usize = 32 << 20;
/// Sets of profiles whose compiling is kept.
const KEPT_SETS: usize = 128;
/// Bytes of URLs by which what was found is kept.
const KEPT_URLS: usize = 4_096;
/// Where R4's own definitions are.
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";

/// What was read of stored definitions and compiled of them, kept while there is room. What the profiles of a resource
/// come to is kept until a definition of the tenant is written: whoever is told of that finds it in force.
#[derive(Debug, Default)]
pub struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    read: HashMap<(TenantId, ResourceId), Arc<Definition>>,
    bytes: usize,
    compiled: HashMap<Set, Arc<Profiles>>,
    /// How often definitions of a tenant were written.
    generations: HashMap<TenantId, u64>,
    answered: HashMap<Asked, (u64, Option<Arc<Found>>)>,
}

/// Whose, and the URLs that were asked for.
type Asked = (TenantId, Vec<String>);

/// Whose, and which versions of which definitions.
type Set = (TenantId, Vec<(ResourceId, u64)>);

/// A stored StructureDefinition.
#[derive(Debug)]
struct Definition {
    id: ResourceId,
    version: u64,
    bytes: usize,
    url: String,
    business_version: Option<String>,
    /// What it builds upon, and the profiles of its elements.
    leads_to: Vec<String>,
    /// The value sets that it binds elements to.
    sets: Vec<String>,
    value: Value,
}

/// Profiles that were found, with what they build upon and the value sets they name.
#[derive(Debug)]
pub(super) struct Found {
    profiles: Arc<Profiles>,
    codes: Terminology,
    urls: BTreeSet<String>,
}

/// The URLs of the profiles that a resource and those inside it state, without those of R4's own types.
pub(super) fn stated(resource: &Value) -> Vec<String> {
    let mut urls = BTreeSet::new();
    collect(resource, &mut urls);
    urls.into_iter().collect()
}

/// The stored ones of these profiles; none when none of them is stored here.
pub(super) async fn about(
    app: &App,
    context: &Context,
    mut urls: Vec<String>,
) -> Result<Option<Arc<Found>>, Error> {
    urls.retain(|url| !is_core(url));
    if urls.is_empty() {
        return Ok(None);
    }
    let asked = (context.tenant, urls);
    let generation = app.profiles.generation(context.tenant);
    if let Some(known) = app.profiles.answered(&asked, generation) {
        return Ok(known);
    }
    let found = look(app, context, asked.1.clone()).await?.map(Arc::new);
    app.profiles.remember(asked, generation, found.clone());
    Ok(found)
}

/// Whether what the profiles of a resource come to depends on resources of a type.
pub(crate) fn leads_to(resource_type: &str) -> bool {
    matches!(resource_type, "StructureDefinition" | "ValueSet" | "CodeSystem")
}

async fn look(app: &App, context: &Context, urls: Vec<String>) -> Result<Option<Found>, Error> {
    let mut definitions: BTreeMap<ResourceId, Arc<Definition>> = BTreeMap::new();
    let (mut seen, mut next) = (HashSet::new(), urls);
    loop {
        next.retain(|url| !is_core(url) && seen.insert(bare(url).to_owned()));
        if seen.len() > MOST {
            return Err(terminology::unanswered(&Refusal::TooCostly { limit: MOST }));
        }
        if next.is_empty() {
            break;
        }
        let mut leads_to = Vec::new();
        for definition in stored(app, context, &next).await? {
            leads_to.extend(definition.leads_to.iter().cloned());
            definitions.insert(definition.id.clone(), definition);
        }
        next = leads_to;
    }
    if definitions.is_empty() {
        return Ok(None);
    }
    let sets: BTreeSet<String> = definitions.values().flat_map(|found| found.sets.iter().cloned()).collect();
    let codes = terminology::about(app, context, sets.into_iter().collect()).await?;
    let urls = definitions.values().map(|definition| definition.url.clone()).collect();
    Ok(Some(Found { profiles: app.profiles.compiled(context.tenant, &definitions), codes, urls }))
}

impl Found {
    /// What is wrong with a resource and what is warned of, by R4, by these profiles and by those it states.
    pub(super) fn validate(&self, resource: &Value, wanted: &[&str]) -> Vec<Issue> {
        bianque_fhir::validate_against(resource, wanted, Against::new(&self.profiles, &self.codes))
    }

    /// The faults alone.
    pub(super) fn faults(&self, resource: &Value) -> Vec<Issue> {
        let mut issues = self.validate(resource, &[]);
        issues.retain(|issue| issue.severity == Severity::Error);
        issues
    }

    /// Whether a profile is stored, whatever came of reading it.
    pub(super) fn has(&self, url: &str) -> bool {
        self.urls.contains(bare(url))
    }

    /// Those that are stored and could not be taken, with the reason.
    pub(super) fn refused(&self) -> &BTreeMap<String, ProfileError> {
        self.profiles.refused()
    }
}

impl Known {
    /// What a stored definition says; none when it has no URL.
    fn read(&self, tenant: TenantId, stored: &StoredResource) -> Result<Option<Arc<Definition>>, Error> {
        let Some(document) = &stored.document else { return Ok(None) };
        let key = (tenant, stored.id.clone());
        if let Some(known) = self.kept().read.get(&key)
            && known.version == stored.version
        {
            return Ok(Some(Arc::clone(known)));
        }
        let value: Value = serde_json::from_slice(document).map_err(Error::internal)?;
        let Some(definition) = Definition::of(stored, document.len(), value).map(Arc::new) else {
            return Ok(None);
        };
        self.kept().keep(key, &definition);
        Ok(Some(definition))
    }

    /// Forgets what profiles come to: a definition of the tenant was written.
    pub(crate) fn renew(&self, tenant: TenantId) {
        let mut kept = self.kept();
        *kept.generations.entry(tenant).or_default() += 1;
        kept.answered.retain(|(of, _), _| *of != tenant);
    }

    fn generation(&self, tenant: TenantId) -> u64 {
        self.kept().generations.get(&tenant).copied().unwrap_or_default()
    }

    #[expect(clippy::option_option, reason = "that nothing is stored is known too")]
    fn answered(&self, asked: &Asked, generation: u64) -> Option<Option<Arc<Found>>> {
        let kept = self.kept();
        let (of, found) = kept.answered.get(asked)?;
        (*of == generation).then(|| found.clone())
    }

    /// Keeps what was found, as of a generation that was looked at before the store was.
    fn remember(&self, asked: Asked, generation: u64, found: Option<Arc<Found>>) {
        if asked.1.iter().map(String::len).sum::<usize>() > KEPT_URLS {
            return;
        }
        let mut kept = self.kept();
        if kept.answered.len() >= KEPT_SETS {
            kept.answered.clear();
        }
        kept.answered.insert(asked, (generation, found));
    }

    /// Profiles of these definitions. What is kept is compiled outside of the lock.
    fn compiled(
        &self,
        tenant: TenantId,
        definitions: &BTreeMap<ResourceId, Arc<Definition>>,
    ) -> Arc<Profiles> {
        let names = definitions.values().map(|found| (found.id.clone(), found.version)).collect();
        let key: Set = (tenant, names);
        if let Some(known) = self.kept().compiled.get(&key) {
            return Arc::clone(known);
        }
        let profiles = Arc::new(Profiles::new(definitions.values().map(|definition| &definition.value)));
        let mut kept = self.kept();
        if kept.compiled.len() >= KEPT_SETS {
            kept.compiled.clear();
        }
        kept.compiled.insert(key, Arc::clone(&profiles));
        profiles
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, key: (TenantId, ResourceId), definition: &Arc<Definition>) {
        if definition.bytes > KEPT_BYTES {
            return;
        }
        if self.bytes + definition.bytes > KEPT_BYTES {
            let generations = std::mem::take(&mut self.generations);
            *self = Self { generations, ..Self::default() };
        }
        self.bytes += definition.bytes;
        if let Some(before) = self.read.insert(key, Arc::clone(definition)) {
            self.bytes -= before.bytes;
        }
    }
}

impl Definition {
    fn of(stored: &StoredResource, bytes: usize, value: Value) -> Option<Self> {
        let url = value["url"].as_str()?.to_owned();
        let business_version = value["version"].as_str().map(str::to_owned);
        let mut leads_to: Vec<String> =
            value["baseDefinition"].as_str().map(str::to_owned).into_iter().collect();
        let mut sets = Vec::new();
        let elements = ["differential", "snapshot"].map(|name| value[name]["element"].as_array());
        for element in elements.into_iter().flatten().flatten() {
            for of_type in element["type"].as_array().into_iter().flatten() {
                let profiles = of_type["profile"].as_array().into_iter().flatten();
                leads_to.extend(profiles.filter_map(Value::as_str).map(str::to_owned));
            }
            if element["binding"]["strength"] == "required" {
                sets.extend(element["binding"]["valueSet"].as_str().map(str::to_owned));
            }
        }
        let (id, version) = (stored.id.clone(), stored.version);
        Some(Self { id, version, bytes, url, business_version, leads_to, sets, value })
    }

    /// Whether it is what a canonical URL means.
    fn is(&self, url: &str) -> bool {
        let url = url.split('#').next().unwrap_or(url);
        match url.split_once('|') {
            Some((bare, version)) => self.url == bare && self.business_version.as_deref() == Some(version),
            None => self.url == url,
        }
    }
}

/// The stored definitions of these URLs. Of several with one URL the last that was written wins, where no version is named.
async fn stored(app: &App, context: &Context, urls: &[String]) -> Result<Vec<Arc<Definition>>, Error> {
    let of =
        |url: &String| Predicate::Param { param: "url".to_owned(), test: Test::Uri(bare(url).to_owned()) };
    let query = Query {
        resource_type: "StructureDefinition".to_owned(),
        filter: Predicate::Or(urls.iter().map(of).collect()),
        scope: Scope::All,
        order: vec![Order { key: OrderKey::LastUpdated, direction: Direction::Descending }],
        after: None,
        limit: u32::try_from(MOST).unwrap_or(u32::MAX),
    };
    let mut found: Vec<Arc<Definition>> = Vec::new();
    for stored in app.store.search(context.tenant, query).await?.rows {
        let Some(definition) = app.profiles.read(context.tenant, &stored)? else { continue };
        let is_new = !found.iter().any(|known| known.url == definition.url);
        if is_new && urls.iter().any(|url| definition.is(url)) {
            found.push(definition);
        }
    }
    Ok(found)
}

fn collect(value: &Value, urls: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, urls)),
        Value::Object(members) => {
            let stated = members.get("meta").and_then(|meta| meta["profile"].as_array());
            let stated = stated.into_iter().flatten().filter_map(Value::as_str);
            urls.extend(stated.filter(|url| !is_core(url)).map(str::to_owned));
            let inner = |name: &str| members.get(name).into_iter();
            inner("contained").chain(inner("entry")).for_each(|inner| collect(inner, urls));
            inner("resource").chain(inner("parameter")).for_each(|inner| collect(inner, urls));
        }
        _ => {}
    }
}

/// Whether it is the URL of one of R4's types themselves, which everything is held to anyway.
fn is_core(url: &str) -> bool {
    let name = bare(url).strip_prefix(CORE);
    name.is_some_and(|name| {
        is_resource_type(name) || matches!(name, "Resource" | "DomainResource" | "Extension")
    })
}

fn bare(url: &str) -> &str {
    url.split(['|', '#']).next().unwrap_or(url)
}
