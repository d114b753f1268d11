//! Search resources of one type (FHIR R4, Search).

use std::sync::OnceLock;

use bianque_fhir::bundle::{Searchset, Version};
use bianque_fhir::terminology::Terminology;
use bianque_fhir::{
    COMPARTMENTS, Issue, IssueCode, Search, SearchOptions, Shape, Total, asked_sets, resource_types,
};
use bianque_model::{Context, ResourceId};
use bianque_query::{Compartment, Order, OrderKey, Page, Predicate, Query, Scope};
use bianque_store::{AuditAction, StoredResource};
use serde_json::Value;

use super::history::version;
use super::outcome::refused;
use super::{
    READ_ONLY, audit_search, audited, base, definitions, include, search_parameters, served, terminology,
};
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::secrets::hex;
use crate::{App, Error, ErrorKind};

/// What is kept of a search in its audit row.
const AUDITED_LENGTH: usize = 500;
const SEARCHED: &str = "searched for";

/// The searchset Bundle, audited with its patients before it is answered. A lenient search leaves out what it does not
/// know and says so.
pub async fn search(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
    lenient: bool,
) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Search)?;
    let (shape, pairs) = shape(pairs)?;
    let search = read(app, context, resource_type, &pairs, lenient).await?;
    if resource_type == READ_ONLY {
        return audit_search::search(app, context, &search).await;
    }
    one_type(app, context, &search, scope, (resource_type, &shape)).await
}

/// A search within the compartment of a resource, for example of a patient; `member` is a type, or `*` for all (FHIR R4,
/// Search 3.1.1.2).
pub async fn compartment(
    app: &App,
    context: &Context,
    (kind, id): (&str, &ResourceId),
    member: &str,
    pairs: &[(String, String)],
    lenient: bool,
) -> Result<Vec<u8>, Error> {
    if !COMPARTMENTS.contains(&kind) {
        return Err(Error::not_found());
    }
    let within = Predicate::In(Compartment { kind: kind.to_owned(), id: id.clone() });
    let path = format!("{kind}/{id}/{member}");
    if member == "*" {
        return several_types(app, context, pairs, lenient, Some(within), &path).await;
    }
    let scope = policy::records(context, served(member)?, Action::Search)?;
    let (shape, pairs) = shape(pairs)?;
    let mut search = read(app, context, member, &pairs, lenient).await?;
    search.filter = Predicate::And(vec![within, search.filter]);
    one_type(app, context, &search, scope, (&path, &shape)).await
}

/// A search over all types, or over those of `_type`.
pub async fn everywhere(
    app: &App,
    context: &Context,
    pairs: &[(String, String)],
    lenient: bool,
) -> Result<Vec<u8>, Error> {
    several_types(app, context, pairs, lenient, None, "").await
}

async fn one_type(
    app: &App,
    context: &Context,
    search: &Search,
    scope: Scope,
    form: (&str, &Shape),
) -> Result<Vec<u8>, Error> {
    if definitions::defines(&search.resource_type) {
        let (page, total, note) = definitions::page(app, context, search, scope).await?;
        let mut search = search.clone();
        search.ignored.extend(note);
        return answer(app, context, &search, (page, total), form).await;
    }
    let page = if search.count == 0 {
        Page { rows: Vec::new(), next: None }
    } else {
        app.store.search(context.tenant, search.query(scope.clone())).await?
    };
    let total = total(app, context, search, &[search.query(scope)], &page).await?;
    answer(app, context, search, (page, total), form).await
}

async fn several_types(
    app: &App,
    context: &Context,
    pairs: &[(String, String)],
    lenient: bool,
    within: Option<Predicate>,
    path: &str,
) -> Result<Vec<u8>, Error> {
    let (shape, pairs) = shape(pairs)?;
    let (of_types, pairs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "_type");
    let mut types: Vec<&str> = Vec::new();
    for (_, value) in &of_types {
        types.extend(value.split(',').map(|name| served(name.trim())).collect::<Result<Vec<_>, _>>()?);
    }
    let named = !types.is_empty();
    if !named {
        types.extend(resource_types().iter().filter(|name| **name != READ_ONLY));
    }
    types.sort_unstable();
    types.dedup();
    let (mut queries, mut last) = (Vec::new(), None);
    for resource_type in types {
        // Of all types, those count that the asker may search.
        let scope = match policy::records(context, resource_type, Action::Search) {
            Ok(scope) => scope,
            Err(error) if named => return Err(error),
            Err(_) => continue,
        };
        let mut search = read(app, context, resource_type, &pairs, lenient).await?;
        if resource_type == READ_ONLY || !search.includes.is_empty() {
            let message =
                "a search over several types takes no includes, and the audit is searched by itself";
            return Err(refused(ErrorKind::Malformed, "fhir.search", &[unsupported(message)]));
        }
        search.filter = Predicate::And(within.iter().cloned().chain([search.filter]).collect());
        queries.push(search.query(scope));
        last = Some(search);
    }
    let mut search = last.ok_or_else(Error::forbidden)?;
    search.understood.extend(of_types);
    let by_change = |order: &Order| order.key == OrderKey::LastUpdated;
    if search.order.len() > 1 || !search.order.iter().all(by_change) {
        let message = "several types are sorted by _lastUpdated alone";
        return Err(refused(ErrorKind::Malformed, "fhir.search", &[unsupported(message)]));
    }
    let page = if search.count == 0 {
        Page { rows: Vec::new(), next: None }
    } else {
        app.store.search_types(context.tenant, queries.clone()).await?
    };
    let total = total(app, context, &search, &queries, &page).await?;
    answer(app, context, &search, (page, total), (path, &shape)).await
}

fn unsupported(message: &str) -> Issue {
    Issue::error(IssueCode::NotSupported, message)
}

/// How much of each resource is wanted, and the pairs that are about the search itself.
fn shape(pairs: &[(String, String)]) -> Result<(Shape, Vec<(String, String)>), Error> {
    let mut pairs = pairs.to_vec();
    let shape =
        Shape::take(&mut pairs).map_err(|issue| refused(ErrorKind::Malformed, "fhir.search", &[issue]))?;
    Ok((shape, pairs))
}

/// The Bundle of a page, with what comes along, audited.
async fn answer(
    app: &App,
    context: &Context,
    search: &Search,
    (page, total): (Page<StoredResource>, Option<u64>),
    (path, shape): (&str, &Shape),
) -> Result<Vec<u8>, Error> {
    let mut matches = Found::all(page.rows)?;
    let mut included = include::included(app, context, search, &matches).await?;
    audit(app, context, search, matches.iter().chain(&included), path).await?;
    matches.iter_mut().chain(&mut included).for_each(|found| found.shape(shape));
    let next = page.next.map(|cursor| cursor.0);
    let base = base(app, context.tenant);
    let (own_link, next_link) = links(&base, path, search, shape, next);
    let set = Searchset { base: &base, own_link, next_link, total, notes: &search.ignored };
    Ok(set.bundle(context.now, matches.iter().map(Found::version), included.iter().map(Found::version)))
}

/// A resource that was found, and read.
#[derive(Debug)]
pub(crate) struct Found {
    /// As it is stored.
    pub(crate) stored: StoredResource,
    /// Its document.
    pub(crate) resource: Value,
}

impl Found {
    /// Reads what a search gave. A deletion is never found.
    pub(super) fn all(rows: Vec<StoredResource>) -> Result<Vec<Self>, Error> {
        let read = |stored: StoredResource| {
            let resource = serde_json::from_slice(stored.document.as_deref().unwrap_or(b"null"))
                .map_err(Error::internal)?;
            Ok(Self { stored, resource })
        };
        rows.into_iter().map(read).collect()
    }

    /// Leaves of the document what the shape has.
    fn shape(&mut self, shape: &Shape) {
        if *shape != Shape::Whole {
            self.stored.document = Some(bianque_fhir::to_stored(&shape.of(&self.resource)));
        }
    }

    /// As it goes into a Bundle.
    pub(super) fn version(&self) -> Version<'_> {
        version(&self.stored)
    }
}

/// How many match: what the page shows anyway, or what was asked for.
async fn total(
    app: &App,
    context: &Context,
    search: &Search,
    queries: &[Query],
    page: &Page<StoredResource>,
) -> Result<Option<u64>, Error> {
    if page.next.is_none() && search.after.is_none() && search.count > 0 {
        return Ok(u64::try_from(page.rows.len()).ok());
    }
    let mut total = 0;
    for query in queries {
        total += match search.total {
            Total::Accurate => app.store.count(context.tenant, query.clone(), u64::MAX).await?,
            Total::Estimate if search.after.is_none() => {
                app.store.estimate(context.tenant, query.clone()).await?
            }
            Total::Estimate | Total::None => return Ok(None),
        };
    }
    Ok(Some(total))
}

/// The pairs of a condition: everything in them must be understood.
pub(super) async fn read_strictly(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
) -> Result<Search, Error> {
    read(app, context, resource_type, pairs, false).await
}

async fn read(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
    lenient: bool,
) -> Result<Search, Error> {
    let base = base(app, context.tenant);
    let (asked, stored) = (asked_sets(pairs), OnceLock::new());
    let terminology = if asked.is_empty() {
        Terminology::embedded()
    } else {
        let known = terminology::about(app, context, asked).await?;
        stored.get_or_init(|| known)
    };
    let in_force = search_parameters::in_force(app, context.tenant).await?;
    let (now, custom) = (context.now, &in_force.params);
    let options = SearchOptions { base: &base, lenient, now, terminology, custom };
    bianque_fhir::search(resource_type, pairs, options)
        .map_err(|issues| refused(ErrorKind::Malformed, "fhir.search", &issues))
}

/// One row for the whole search, with the patients it showed.
async fn audit(
    app: &App,
    context: &Context,
    search: &Search,
    shown: impl Iterator<Item = &Found>,
    path: &str,
) -> Result<(), Error> {
    let mut row = audit_row(context, AuditAction::R, "fhir.search", None, path);
    row.patients = shown.flat_map(|found| bianque_fhir::patients(&found.resource)).collect();
    row.patients.sort();
    row.patients.dedup();
    if !audited(path) && row.patients.is_empty() {
        return Ok(());
    }
    row.detail = text(app, search);
    Ok(app.store.audit_read(context.tenant, row).await?)
}

/// The links of a search: to itself as it was understood, and to its next page.
pub(super) fn links(
    base: &str,
    path: &str,
    search: &Search,
    shape: &Shape,
    next: Option<String>,
) -> (String, Option<String>) {
    let slash = if path.is_empty() { "" } else { "/" };
    let pairs: Vec<String> =
        search.understood.iter().chain(&shape.pair()).map(|(name, value)| encoded(name, value)).collect();
    let own = format!("{base}{slash}{path}?{}", pairs.join("&"));
    let joined = if pairs.is_empty() { own.clone() } else { format!("{own}&") };
    let next = next.map(|cursor| format!("{joined}_cursor={}", encode(&cursor)));
    (own, next)
}

/// The search as an audit row keeps it: which parameters, codes, ids and dates. What a person may have typed (names,
/// addresses, numbers of identity) is a keyed hash, by which it can be told whether a given text was searched for.
pub(super) fn text(app: &App, search: &Search) -> String {
    let kept = |(name, value): &(String, String)| {
        let value = if bianque_fhir::is_typed(&search.resource_type, name, value) {
            searched(app, value)
        } else {
            encode(value)
        };
        format!("{}={value}", encode(name))
    };
    let pairs = search.understood.iter().map(kept).collect::<Vec<_>>().join("&");
    pairs.chars().take(AUDITED_LENGTH).collect()
}

/// What the audit holds of a text that was searched for.
pub(super) fn searched(app: &App, value: &str) -> String {
    let tag = app.secrets.tag(SEARCHED, value.trim().to_lowercase().as_bytes());
    format!("~{}", hex(&tag[..8]))
}

/// A pair as it stands in an address.
pub(super) fn encoded(name: &str, value: &str) -> String {
    format!("{}={}", encode(name), encode(value))
}

/// Percent-encodes all but what a query carries as it is.
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,|".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
