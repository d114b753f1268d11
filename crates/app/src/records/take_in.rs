//! A resource of another system becomes one of ours: found again by its id or an identifier, and left alone when it is
//! here and the same.

use std::collections::BTreeMap;

use bianque_fhir::{Issue, IssueCode, document, relative_references};
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::{AuditAction, ResourceName, SamePatient, StoredResource};
use serde_json::Value;
use uuid::Uuid;

use super::prepare::{self, Under, malformed};
use super::write::{audited, stale};
use super::{identity, subscriptions, writable};
use crate::corrections::{self, Before};
use crate::policy::{self, Action};
use crate::resources::Versioned;
use crate::{App, Change, Error};

/// What became of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It was not here.
    New,
    /// It was here, and another.
    Changed,
    /// It is here, the same.
    Unchanged,
}

/// A resource as another system wrote it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    /// JSON.
    pub resource: &'a [u8],
    /// By what name others of its file speak of it, or empty.
    pub full_url: &'a str,
    /// `Type/id` that it is to be written as, or empty.
    pub target: &'a str,
    /// The version that must stand.
    pub if_match: Option<u64>,
    /// What is here already stays as it is.
    pub only_new: bool,
    /// Names of its file and what they are called here.
    pub names: &'a BTreeMap<String, String>,
}

/// Puts the writing of a resource into a change, unless there is nothing to write.
pub(crate) async fn plan(
    app: &App,
    context: &Context,
    incoming: Incoming<'_>,
    change: &mut Change<'_>,
) -> Result<Done, Error> {
    let mut resource = prepare::read(incoming.resource)?;
    let resource_type = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    let resource_type = writable(&resource_type)?;
    subscriptions::not_taken_in(resource_type)?;
    policy::records(context, resource_type, Action::Update)?;
    let id = choose(app, context, resource_type, &resource, incoming).await?;
    resource["id"] = id.as_str().into();
    rename(&mut resource, incoming.names);
    if let Some(base) = base_of(incoming.full_url, resource_type) {
        relative_references(&mut resource, base);
    }
    let mut standing = standing(app, context, resource_type, &id).await?;
    standing.expected = incoming.if_match;
    standing.stays = incoming.only_new;
    put(app, context, (resource_type, &id), resource, standing, "fhir.import", change).await
}

/// What stands of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    version: u64,
    document: Option<Vec<u8>>,
    /// When that version was written.
    since: Timestamp,
    /// The version that must stand for another content to be written.
    expected: Option<u64>,
    /// Where something stands, it stays.
    stays: bool,
    /// Of a Patient: the records that are one with it, read after the document.
    one_with: Option<SamePatient>,
}

impl Standing {
    fn of(stored: Option<StoredResource>) -> Self {
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        let since = stored.as_ref().map_or(Timestamp(0), |stored| stored.last_updated);
        let document = stored.and_then(|stored| stored.document);
        Self { version, document, since, expected: None, stays: false, one_with: None }
    }

    /// A Patient that was found, with the records that are one with it, which were read after it; or nobody, who is one
    /// with nobody.
    pub(crate) fn of_patient(found: Option<&Versioned>, one_with: SamePatient) -> Self {
        let version = found.map_or(0, |found| found.version);
        let since = found.map_or(Timestamp(0), |found| found.last_updated);
        let document = found.map(|found| bianque_fhir::to_stored(&found.value));
        Self { version, document, since, expected: None, stays: false, one_with: Some(one_with) }
    }

    /// As JSON; none: nothing does, or it was deleted.
    pub(crate) fn value(&self) -> Result<Option<Value>, Error> {
        self.document.as_deref().map(document::parse).transpose().map_err(Error::internal)
    }
}

/// Reads what stands of a resource.
pub(crate) async fn standing(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
) -> Result<Standing, Error> {
    let stored = app.store.resource(context.tenant, resource_type, id).await?;
    Ok(Standing::of(stored))
}

/// What stands of several resources at once.
pub(crate) async fn standings(
    app: &App,
    context: &Context,
    names: Vec<ResourceName>,
) -> Result<BTreeMap<ResourceName, Standing>, Error> {
    let read = app.store.read_many(context.tenant, names.clone()).await?;
    Ok(names.into_iter().zip(read.into_iter().map(Standing::of)).collect())
}

/// Puts the writing of a resource over what stands into a change, unless it is the same.
pub(crate) async fn put(
    app: &App,
    context: &Context,
    (resource_type, id): (&str, &ResourceId),
    resource: Value,
    standing: Standing,
    operation: &str,
    change: &mut Change<'_>,
) -> Result<Done, Error> {
    let mut resource = prepare::checked(app, context, resource_type, Under::Assigned(id), resource).await?;
    let expected = match &standing.one_with {
        Some(one_with) => identity::settle_as(app, context, &mut resource, one_with).await?,
        None => identity::settle(app, context, &mut resource).await?,
    };
    let same = |document: &Vec<u8>| standing.stays || *document == bianque_fhir::to_stored(&resource);
    if standing.document.as_ref().is_some_and(same) {
        return Ok(Done::Unchanged);
    }
    if standing.expected.is_some_and(|expected| expected != standing.version) {
        return Err(stale(standing.version));
    }
    let (action, done) = match &standing.document {
        None => (AuditAction::C, Done::New),
        Some(document) => {
            let before = Before { document, version: standing.version, since: standing.since };
            corrections::noticed(context.now, &before, &resource, change)?;
            (AuditAction::U, Done::Changed)
        }
    };
    for expected in expected {
        change.expect(expected);
    }
    change.define(&resource).await?;
    change.replace(&resource, standing.version)?;
    change.audit_with(audited(context, action, operation, &resource));
    Ok(done)
}

/// The resource of a type with this identifier, when there is one; a fault when there are more.
pub(crate) async fn found_by(
    app: &App,
    context: &Context,
    resource_type: &str,
    system: &str,
    value: &str,
) -> Result<Option<Versioned>, Error> {
    let mut found = with_identifier(app, context, resource_type, (Some(system), value), 2).await?;
    if found.len() > 1 {
        let words = "more than one resource here has this identifier of the same authority";
        return Err(Error::conflict("fhir.matches", words));
    }
    Ok(found.pop())
}

/// Resources of a type with an identifier, of one system or, where none is named, of any; so many of them at most.
pub(crate) async fn with_identifier(
    app: &App,
    context: &Context,
    resource_type: &str,
    (system, value): (Option<&str>, &str),
    limit: u32,
) -> Result<Vec<Versioned>, Error> {
    let test = Test::Token { system: system.map(str::to_owned), code: Some(value.to_owned()) };
    let query = Query {
        resource_type: resource_type.to_owned(),
        filter: Predicate::Param { param: "identifier".into(), test },
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit,
    };
    let mut found = Vec::new();
    for stored in app.store.search(context.tenant, query).await?.rows {
        let Some(document) = stored.document else { continue };
        let value = document::parse(&document).map_err(Error::internal)?;
        found.push(Versioned { value, version: stored.version, last_updated: stored.last_updated });
    }
    Ok(found)
}

/// The id of a resource without one of its own: of who has its identifier, else from its name or its identifier, the same
/// each time. None: there is nothing to know it by.
pub(crate) async fn id_of(
    app: &App,
    context: &Context,
    resource_type: &str,
    identifiers: &[(String, String)],
    name: &str,
) -> Result<Option<ResourceId>, Error> {
    for (system, value) in identifiers {
        if let Some(found) = found_by(app, context, resource_type, system, value).await? {
            let id = found.value["id"].as_str().unwrap_or_default();
            return id.parse().map(Some).map_err(Error::internal);
        }
    }
    if let Some(Ok(uuid)) = name.strip_prefix("urn:uuid:").map(Uuid::try_parse) {
        return Ok(Some(uuid.into()));
    }
    if !name.is_empty() {
        return Ok(Some(id_from(&format!("name|{resource_type}|{name}"))));
    }
    let first = identifiers.first();
    Ok(first.map(|(system, value)| id_from(&format!("identifier|{resource_type}|{system}|{value}"))))
}

/// The id of what is known by a text, the same each time.
pub(crate) fn id_from(text: &str) -> ResourceId {
    let hash = blake3::hash(text.as_bytes());
    let bytes = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

async fn choose(
    app: &App,
    context: &Context,
    resource_type: &str,
    resource: &Value,
    incoming: Incoming<'_>,
) -> Result<ResourceId, Error> {
    let at = |message: &str, path: &str| {
        malformed(Issue::error(IssueCode::Invalid, message).at(format!("{resource_type}.{path}")))
    };
    let own = incoming.names.get(incoming.full_url).map_or(incoming.target, String::as_str);
    if !own.is_empty() {
        let id = own.strip_prefix(resource_type).and_then(|rest| rest.strip_prefix('/'));
        let id = id.and_then(|id| id.parse().ok());
        return id.ok_or_else(|| at("the request names another type, or no id", "id"));
    }
    if let Some(id) = resource["id"].as_str() {
        return id.parse().map_err(|_| at("this is no id", "id"));
    }
    let identifiers = identifiers(resource);
    let id = id_of(app, context, resource_type, &identifiers, "").await?;
    let words =
        "it has no id, no name in the file and no identifier with a system: it could not be found again";
    id.ok_or_else(|| at(words, "id"))
}

/// Identifiers with their authority.
fn identifiers(resource: &Value) -> Vec<(String, String)> {
    let all = resource["identifier"].as_array().into_iter().flatten();
    all.filter_map(|identifier| {
        Some((identifier["system"].as_str()?.to_owned(), identifier["value"].as_str()?.to_owned()))
    })
    .collect()
}

/// Names of the file in references become what they are called here.
fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(members) => {
            for (member, value) in members {
                match value {
                    Value::String(text) if member == "reference" => {
                        if let Some(name) = names.get(text.as_str()) {
                            name.clone_into(text);
                        }
                    }
                    Value::Array(_) | Value::Object(_) => rename(value, names),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The base of the system that an absolute name belongs to.
fn base_of<'a>(full_url: &'a str, resource_type: &str) -> Option<&'a str> {
    let (rest, _) = full_url.rsplit_once('/')?;
    let base = rest.strip_suffix(resource_type)?.strip_suffix('/')?;
    base.starts_with("http").then_some(base)
}
